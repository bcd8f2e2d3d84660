//! Depth images and point clouds.
use crate::error::check;
use crate::options::{common_options, options_struct};
use crate::{Element, Options, Result, View, ViewMut};
use bytestride_sys as sys;
use std::marker::PhantomData;

/// Focal lengths and principal point of a camera, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Focal length along a row.
    pub fx: f64,
    /// Focal length along a column.
    pub fy: f64,
    /// Column of the principal point.
    pub cx: f64,
    /// Row of the principal point.
    pub cy: f64,
}

/// The axes of points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Frame {
    /// x right, y down, z forward.
    #[default]
    Optical,
    /// (x, -y, -z): y up, z backward.
    OpenGl,
    /// (-x, -y, -z), as the article's program gives it.
    Inverted,
}

impl Frame {
    fn raw(self) -> i32 {
        match self {
            Frame::Optical => sys::BYTESTRIDE_FRAME_OPTICAL,
            Frame::OpenGl => sys::BYTESTRIDE_FRAME_OPENGL,
            Frame::Inverted => sys::BYTESTRIDE_FRAME_INVERTED,
        }
    }
}

/// What becomes of pixels without a valid reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Invalid {
    /// NaN points.
    #[default]
    Nan,
    /// (0, 0, 0).
    Zero,
    /// They are left out: the points are a list.
    Drop,
}

/// The options of [`depth_to_points()`] and [`points_to_depth()`].
#[derive(Clone, Copy, Debug)]
pub struct DepthOptions<'a> {
    common: Options<'a>,
    scale: f64,
    min_depth: f64,
    max_depth: f64,
    invalid: Invalid,
    frame: Frame,
    skew: f64,
    distortion: Option<sys::bytestride_array>,
    radial: bool,
    pose: Option<sys::bytestride_array>,
    stride: i64,
    mask: Option<sys::bytestride_array>,
    color: Option<sys::bytestride_array>,
    borrowed: PhantomData<&'a ()>,
}
common_options!(DepthOptions);

fn pointer(array: &Option<sys::bytestride_array>) -> *const sys::bytestride_array {
    array.as_ref().map_or(std::ptr::null(), |array| array as *const _)
}

impl<'a> DepthOptions<'a> {
    /// The defaults: readings in thousandths, every pixel, NaN where there is no reading.
    pub const fn new() -> Self {
        DepthOptions {
            common: Options::new(),
            scale: 0.0,
            min_depth: 0.0,
            max_depth: 0.0,
            invalid: Invalid::Nan,
            frame: Frame::Optical,
            skew: 0.0,
            distortion: None,
            radial: false,
            pose: None,
            stride: 1,
            mask: None,
            color: None,
            borrowed: PhantomData,
        }
    }

    /// Readings per unit of length; 1000 by default.
    pub fn depth_scale(mut self, scale: f64) -> Self {
        // In C 0 is the default; here it is as wrong as any number that no reading can be divided by.
        self.scale = if scale == 0.0 { f64::NAN } else { scale };
        self
    }

    /// Readings are valid only beyond `least` and below `most`, after scaling.
    pub fn range(mut self, least: f64, most: f64) -> Self {
        self.min_depth = least;
        self.max_depth = if most == 0.0 { f64::NAN } else { most };
        self
    }

    /// What becomes of pixels without a valid reading; `Nan` by default.
    pub fn invalid(mut self, invalid: Invalid) -> Self {
        self.invalid = invalid;
        self
    }

    /// The axes of the points; `Optical` by default.
    pub fn frame(mut self, frame: Frame) -> Self {
        self.frame = frame;
        self
    }

    /// The skew of the camera matrix, in pixels.
    pub fn skew(mut self, skew: f64) -> Self {
        self.skew = skew;
        self
    }

    /// 4, 5 or 8 Brown-Conrady coefficients: k1, k2, p1, p2, k3, k4, k5, k6.
    pub fn distortion<T: Element>(mut self, coefficients: &View<'a, T>) -> Self {
        self.distortion = Some(*coefficients.raw());
        self
    }

    /// Readings are distances along the ray, not along the optical axis.
    pub fn radial(mut self, radial: bool) -> Self {
        self.radial = radial;
        self
    }

    /// Camera to world, (4, 4) or (3, 4).
    pub fn pose<T: Element>(mut self, pose: &View<'a, T>) -> Self {
        self.pose = Some(*pose.raw());
        self
    }

    /// Every `stride`-th row and column.
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = if stride == 0 { -1 } else { i64::try_from(stride).unwrap_or(i64::MAX) };
        self
    }

    /// Which pixels may be valid: the shape of one image, or of the batch.
    pub fn mask(mut self, mask: &View<'a, bool>) -> Self {
        self.mask = Some(*mask.raw());
        self
    }

    /// The colours of the pixels, the shape of the depth and the channels: `colors` receives those of the points.
    pub fn color<T: Element>(mut self, color: &View<'a, T>) -> Self {
        self.color = Some(*color.raw());
        self
    }

    /// [`depth_to_points()`] with these options. `colors` and `indices` receive the colour and the flat index of each
    /// point's pixel; without `points` the points are only counted (with `Invalid::Drop`).
    pub fn depth_to_points<D: Element, P: Element, C: Element>(
        &self,
        depth: &View<D>,
        camera: Camera,
        points: Option<&mut ViewMut<P>>,
        colors: Option<&mut ViewMut<C>>,
        indices: Option<&mut ViewMut<i64>>,
    ) -> Result<usize> {
        let options = options_struct!(sys::bytestride_depth_to_points_options, self.common, {
            depth_scale: self.scale,
            min_depth: self.min_depth,
            max_depth: self.max_depth,
            invalid: match self.invalid {
                Invalid::Nan => sys::BYTESTRIDE_INVALID_NAN,
                Invalid::Zero => sys::BYTESTRIDE_INVALID_ZERO,
                Invalid::Drop => sys::BYTESTRIDE_INVALID_DROP,
            },
            frame: self.frame.raw(),
            skew: self.skew,
            distortion: pointer(&self.distortion),
            radial: i32::from(self.radial),
            padding: 0,
            pose: pointer(&self.pose),
            stride: self.stride,
            mask: pointer(&self.mask),
            color: pointer(&self.color),
        });
        let points = points.map_or(std::ptr::null(), |points| points.raw() as *const _);
        let colors = colors.map_or(std::ptr::null(), |colors| colors.raw() as *const _);
        let indices = indices.map_or(std::ptr::null(), |indices| indices.raw() as *const _);
        let Camera { fx, fy, cx, cy } = camera;
        let mut count = 0;
        // SAFETY: the views were checked when they were made, those of the options outlive 'a; outputs are borrowed exclusively.
        check(unsafe { sys::bytestride_depth_to_points(depth.raw(), points, colors, indices, fx, fy, cx, cy, &mut count, &options) })?;
        Ok(count as usize)
    }

    /// [`points_to_depth()`] with these options; scale, frame, skew, distortion and pose count.
    pub fn points_to_depth<P: Element, D: Element>(&self, points: &View<P>, camera: Camera, out: &mut ViewMut<D>) -> Result<()> {
        let options = options_struct!(sys::bytestride_points_to_depth_options, self.common, {
            depth_scale: self.scale,
            frame: self.frame.raw(),
            padding: 0,
            skew: self.skew,
            distortion: pointer(&self.distortion),
            pose: pointer(&self.pose),
        });
        let Camera { fx, fy, cx, cy } = camera;
        // SAFETY: as in `depth_to_points`.
        check(unsafe { sys::bytestride_points_to_depth(points.raw(), out.raw(), fx, fy, cx, cy, &options) })
    }
}

/// Points from a depth image (H, W) or a batch (N, H, W), written to `points` of the same shape and 3; their number.
///
/// - Element types: depth `u16`, `i32`, `f32`, `f64`; points `f32` or `f64`.
/// - z = depth / 1000, x = (u - cx) z / fx, y = (v - cy) z / fy for column u and row v; NaN where there is no reading.
/// - Errors: `DType`, `Ndim`, `Shape`, `Overlap`, `Option`, `Memory`, `Cancelled`.
/// - Cost: N H W.
/// - Source: the article on depth images in Cython; conventions of ROS depth_image_proc and Open3D.
///
/// ```
/// use bytestride::{depth_to_points, Camera, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let camera = Camera { fx: 2.0, fy: 2.0, cx: 0.0, cy: 0.0 };
/// let mut points = [0.0_f32; 6];
/// depth_to_points(&View::new(&[1000_u16, 2000], &[1, 2])?, camera, &mut ViewMut::new(&mut points, &[1, 2, 3])?)?;
/// assert_eq!(points, [0.0, 0.0, 1.0, 1.0, 0.0, 2.0]);
/// # Ok(())
/// # }
/// ```
pub fn depth_to_points<D: Element, P: Element>(depth: &View<D>, camera: Camera, points: &mut ViewMut<P>) -> Result<usize> {
    DepthOptions::new().depth_to_points::<D, P, u8>(depth, camera, Some(points), None, None)
}

/// A depth image from points (..., 3): every point falls on its nearest pixel, the nearest point wins, 0 where there is none.
///
/// - Element types: points `f32` or `f64`; `out` `u16`, `i32`, `f32`, `f64`.
/// - Errors: as [`depth_to_points()`]. Cost: points + H W. Source: the inverse of [`depth_to_points()`].
///
/// ```
/// use bytestride::{points_to_depth, Camera, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let camera = Camera { fx: 2.0, fy: 2.0, cx: 0.0, cy: 0.0 };
/// let mut depth = [0_u16; 2];
/// points_to_depth(&View::new(&[1.0_f32, 0.0, 2.0], &[1, 3])?, camera, &mut ViewMut::new(&mut depth, &[1, 2])?)?;
/// assert_eq!(depth, [0, 2000]);
/// # Ok(())
/// # }
/// ```
pub fn points_to_depth<P: Element, D: Element>(points: &View<P>, camera: Camera, out: &mut ViewMut<D>) -> Result<()> {
    DepthOptions::new().points_to_depth(points, camera, out)
}
