//! Who compiles to wasm: the toolchain rustup keeps, or Debian's where rustup's host is out of reach.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Trouble,
    house::House,
    steps::{output, program, run},
    tools,
};

/// A compiler that has, or can build, a standard library for wasm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Compiler {
    /// The toolchain of rust-toolchain.toml.
    Rustup,
    /// Debian's `rustc-web`, which ships the standard library as source only.
    Debian,
}

/// Which standard library a build links.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Std {
    /// The one the compiler came with.
    Shipped,
    /// One compiled with the build's own flags: the shipped one knows no atomics.
    Built,
    /// One compiled to be small: it ends at a panic without putting it in words.
    Small,
}

/// Flags of the page. Leptos forgets the types of its components when told to.
const SMALL: &str = "--cfg=erase_components -Zunstable-options -Cpanic=immediate-abort";

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "rust-web-src", "lld-19"];

/// The compiler that is ready on this machine, rustup's if both are.
pub(crate) fn ready() -> Result<Compiler, Trouble> {
    choose(has_rustup(), has_debian())
}

fn choose(rustup: Result<(), Trouble>, debian: Result<(), Trouble>) -> Result<Compiler, Trouble> {
    match (rustup, debian) {
        (Ok(()), _) => Ok(Compiler::Rustup),
        (Err(_), Ok(())) => Ok(Compiler::Debian),
        (Err(rustup), Err(debian)) => Err(format!("{rustup}; {debian}")),
    }
}

fn has_rustup() -> Result<(), Trouble> {
    let place = |args: &[&str]| output(&mut program("rustc", args)).map(PathBuf::from);
    let libraries = place(&["--print=target-libdir", "--target=wasm32-unknown-unknown"])?;
    all_there(&[&libraries, &source("rustc".as_ref())?])
}

fn has_debian() -> Result<(), Trouble> {
    all_there(&[Path::new(DEBIAN_RUSTC)])?;
    all_there(&[&source(DEBIAN_RUSTC.as_ref())?, Path::new("/usr/bin/wasm-ld-19")])
}

/// Where a compiler keeps the source of its standard library.
fn source(rustc: &Path) -> Result<PathBuf, Trouble> {
    let sysroot = output(&mut program(rustc, &["--print=sysroot"]))?;
    Ok(Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock"))
}

fn all_there(paths: &[&Path]) -> Result<(), Trouble> {
    match paths.iter().find(|path| !path.exists()) {
        None => Ok(()),
        Some(path) => Err(format!("{} is not there", path.display())),
    }
}

/// Adds what is missing by rustup; where that is refused, by apt.
pub(crate) fn install(house: &House) -> Result<(), Trouble> {
    let by_rustup = ["target add wasm32-unknown-unknown", "component add rust-src"];
    let added = by_rustup.iter().try_for_each(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        run(program("rustup", &words).current_dir(&house.root))
    });
    added.or_else(|refused| {
        println!("[compiler] {refused}; trying Debian's packages instead");
        tools::apt_install(DEBIAN_PACKAGES)
    })
}

/// Tells cargo, or whatever calls it, how to compile to wasm.
pub(crate) fn tell(command: &mut Command, compiler: Compiler, std: Std) {
    if compiler == Compiler::Debian {
        command.env("RUSTC", DEBIAN_RUSTC);
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
    }
    if compiler == Compiler::Debian || std != Std::Shipped {
        // Building the standard library is not stable; stable cargo does it when told that it may.
        command.env("RUSTC_BOOTSTRAP", "1");
        command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
    }
    if std == Std::Small {
        command.env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size");
        // Of the target alone: what Trunk calls besides is compiled for this machine.
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", SMALL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(compiler: Compiler, std: Std) -> Vec<String> {
        let mut command = Command::new("cargo");
        tell(&mut command, compiler, std);
        command.get_envs().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn debian_steps_in_only_where_rustup_cannot() {
        let lacks = |what: &str| Err(what.to_owned());
        assert_eq!(choose(Ok(()), Ok(())), Ok(Compiler::Rustup));
        assert_eq!(choose(lacks("no target"), Ok(())), Ok(Compiler::Debian));
        let neither = choose(lacks("no target"), lacks("no rustc"));
        assert_eq!(neither, Err("no target; no rustc".into()));
    }

    #[test]
    fn the_standard_library_is_built_only_where_it_must_be() {
        assert!(told(Compiler::Rustup, Std::Shipped).is_empty());
        assert!(told(Compiler::Rustup, Std::Built).contains(&"CARGO_UNSTABLE_BUILD_STD".into()));
        let small = told(Compiler::Rustup, Std::Small);
        assert!(small.contains(&"CARGO_UNSTABLE_BUILD_STD_FEATURES".into()), "{small:?}");
        // Flags for all targets would compile the hook with them, too.
        assert!(!small.iter().any(|name| name == "RUSTFLAGS"), "{small:?}");
        let debian = told(Compiler::Debian, Std::Shipped);
        assert!(debian.contains(&"CARGO_UNSTABLE_BUILD_STD".into()), "{debian:?}");
        assert!(debian.contains(&"RUSTC".into()), "{debian:?}");
    }
}
