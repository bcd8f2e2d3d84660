module bytestride

go 1.21
