//! Finds libbytestride: in the folder that BYTESTRIDE_LIB_DIR names, else through pkg-config. With the feature `vendored`, and
//! neither, compiles the library's own sources.
use std::env;
use std::process::Command;

const SETTINGS: [&str; 6] =
    ["BYTESTRIDE_LIB_DIR", "BYTESTRIDE_NO_PKG_CONFIG", "PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"];

/// The folders of an installed library, or why there is none.
fn installed() -> Result<Vec<String>, String> {
    if let Ok(folder) = env::var("BYTESTRIDE_LIB_DIR") {
        return Ok(vec![folder]);
    }
    if env::var_os("BYTESTRIDE_NO_PKG_CONFIG").is_some() {
        return Err("BYTESTRIDE_NO_PKG_CONFIG is set".into());
    }
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    // A library of this crate's version or a later one, with the same binary interface.
    let major: u32 = env!("CARGO_PKG_VERSION_MAJOR").parse().expect("a version is a number");
    let wanted = [format!("bytestride >= {major}.{}", env!("CARGO_PKG_VERSION_MINOR")), format!("bytestride < {}", major + 1)];
    let output = Command::new(&program)
        .args(["--libs-only-L", "--print-errors"])
        .args(wanted)
        .output()
        .map_err(|error| format!("{program} cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let flags = String::from_utf8_lossy(&output.stdout);
    Ok(flags.split_whitespace().filter_map(|flag| flag.strip_prefix("-L")).map(str::to_owned).collect())
}

fn main() {
    for name in SETTINGS {
        println!("cargo:rerun-if-env-changed={name}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    // The documentation is made without the library.
    if env::var_os("DOCS_RS").is_some() {
        return;
    }
    match installed() {
        Ok(folders) => {
            for folder in &folders {
                println!("cargo:rustc-link-search=native={folder}");
            }
            // For the build scripts of crates that want it, as DEP_BYTESTRIDE_LIBDIR.
            if let Some(folder) = folders.first() {
                println!("cargo:libdir={folder}");
            }
            println!("cargo:rustc-link-lib=dylib=bytestride");
        }
        #[cfg(feature = "vendored")]
        Err(_) => vendored::build(),
        #[cfg(not(feature = "vendored"))]
        Err(reason) => {
            eprintln!("libbytestride was not found: {reason}");
            eprintln!("Set BYTESTRIDE_LIB_DIR to the folder of libbytestride.so, or PKG_CONFIG_PATH to that of bytestride.pc;");
            eprintln!("or ask for the feature `vendored`, which compiles the library and needs a C++ compiler.");
            std::process::exit(1);
        }
    }
}

/// The library from its sources, with the flags of the Makefile (`make check` compares them).
#[cfg(feature = "vendored")]
mod vendored {
    use std::env;
    use std::path::{Path, PathBuf};

    const FLAGS: &[&str] = &[
        "-std=c++17",
        "-fno-exceptions",
        "-fno-rtti",
        "-fno-threadsafe-statics",
        "-fopenmp",
        "-ffp-contract=off",
        "-fno-math-errno",
        "-fno-trapping-math",
        "-fvisibility=hidden",
        "-Wno-psabi",
    ];
    const AVX2: &[&str] = &["-mavx2", "-mfma", "-mf16c", "-mbmi", "-mbmi2"];
    const AVX512: &[&str] =
        &["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mavx512vbmi", "-mavx512vnni", "-mprefer-vector-width=256"];

    /// The instruction-set levels of the target: name, flags, and the macro that tells the others that it is there.
    fn levels(architecture: &str) -> Vec<(&'static str, Vec<&'static str>, Option<&'static str>)> {
        match architecture {
            "x86_64" => vec![
                ("baseline", vec![], None),
                ("avx2", AVX2.to_vec(), Some("BYTESTRIDE_HAVE_AVX2")),
                ("avx512", [AVX2, AVX512].concat(), Some("BYTESTRIDE_HAVE_AVX512")),
            ],
            "aarch64" => vec![("baseline", vec![], None)],
            other => panic!("Bytestride runs on Linux with glibc, on x86-64 and aarch64, not on {other}"),
        }
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut found: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
        found.retain(|path| path.extension().is_some_and(|extension| extension == "cpp"));
        found.sort();
        found
    }

    pub fn build() {
        let setting = |name: &str| env::var(name).unwrap_or_default();
        assert!(
            setting("CARGO_CFG_TARGET_OS") == "linux" && setting("CARGO_CFG_TARGET_ENV") == "gnu",
            "Bytestride runs on Linux with glibc"
        );
        let root = Path::new(&setting("CARGO_MANIFEST_DIR")).join("vendor");
        let out = PathBuf::from(setting("OUT_DIR"));
        let levels = levels(&setting("CARGO_CFG_TARGET_ARCH"));
        println!("cargo:rerun-if-changed={}", root.display());

        // Optimized whatever the profile: unoptimized loops are what the library is there to replace.
        let mut common = cc::Build::new();
        common.cpp(true).cpp_link_stdlib(None).opt_level(3).debug(false).pic(true).warnings(false).cargo_metadata(false);
        common.include(root.join("include")).include(root.join("src"));
        for flag in FLAGS {
            common.flag(flag);
        }
        for (_, _, have) in &levels {
            if let Some(have) = have {
                common.define(have, None);
            }
        }

        let mut once = common.clone();
        once.files(sources(&root.join("src/api"))).files(sources(&root.join("src/core")));
        let mut objects = once.out_dir(out.join("once")).compile_intermediates();
        for (level, flags, _) in &levels {
            let mut kernels = common.clone();
            kernels.files(sources(&root.join("src/kernels"))).define("BYTESTRIDE_LEVEL", format!("at_{level}").as_str());
            for flag in flags {
                kernels.flag(flag);
            }
            objects.extend(kernels.out_dir(out.join(level)).compile_intermediates());
        }
        cc::Build::new().cpp(true).cpp_link_stdlib(None).objects(objects).compile("bytestride");

        let runtime = if common.get_compiler().is_like_clang() { "omp" } else { "gomp" };
        for library in [runtime, "m", "pthread", "dl"] {
            println!("cargo:rustc-link-lib=dylib={library}");
        }
        println!("cargo:include={}", root.join("include").display());
    }
}
