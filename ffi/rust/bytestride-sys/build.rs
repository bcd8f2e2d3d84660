//! Finds libbytestride: in the folder that BYTESTRIDE_LIB_DIR names, else through pkg-config.
use std::env;
use std::process::Command;

const SMALLEST_VERSION: &str = "1.0.0";

fn library_folders() -> Result<Vec<String>, String> {
    if let Ok(folder) = env::var("BYTESTRIDE_LIB_DIR") {
        return Ok(vec![folder]);
    }
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let wanted = format!("bytestride >= {SMALLEST_VERSION}");
    let output = Command::new(&program)
        .args(["--libs-only-L", "--print-errors", &wanted])
        .output()
        .map_err(|error| format!("{program} cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let flags = String::from_utf8_lossy(&output.stdout);
    Ok(flags.split_whitespace().filter_map(|flag| flag.strip_prefix("-L")).map(str::to_owned).collect())
}

fn main() {
    for name in ["BYTESTRIDE_LIB_DIR", "PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    match library_folders() {
        Ok(folders) => {
            for folder in &folders {
                println!("cargo:rustc-link-search=native={folder}");
            }
            // For the build scripts of crates that want it, as DEP_BYTESTRIDE_LIBDIR.
            if let Some(folder) = folders.first() {
                println!("cargo:libdir={folder}");
            }
        }
        // The documentation can be made without the library.
        Err(_) if env::var_os("DOCS_RS").is_some() => {}
        Err(reason) => {
            eprintln!("libbytestride was not found: {reason}");
            eprintln!("Set BYTESTRIDE_LIB_DIR to the folder of libbytestride.so, or PKG_CONFIG_PATH to that of bytestride.pc.");
            std::process::exit(1);
        }
    }
    println!("cargo:rustc-link-lib=dylib=bytestride");
}
