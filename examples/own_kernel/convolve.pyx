# cython: boundscheck=False, wraparound=False, cdivision=True
# The same loops in Cython.
def convolve(double[:, :] image, double[:, :] kernel, double[:, :] out):
    cdef Py_ssize_t rows = image.shape[0], columns = image.shape[1], height = kernel.shape[0], width = kernel.shape[1]
    cdef Py_ssize_t row, column, k, m, y, x
    cdef double total
    for row in range(rows):
        for column in range(columns):
            total = 0
            for k in range(height):
                for m in range(width):
                    y = row + k - height // 2
                    x = column + m - width // 2
                    if 0 <= y < rows and 0 <= x < columns:
                        total += image[y, x] * kernel[height - 1 - k, width - 1 - m]
            out[row, column] = total
