module examples

go 1.21

require bytestride v0.0.0

replace bytestride => ../../ffi/go
