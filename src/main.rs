//! The program. Everything is in the library, so that tests can reach it.

use std::process::ExitCode;

/// A fifth of a click's CPU time went into glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The allocator does not ask for huge pages (`no_thp`), of which a process as small as this
    // uses the beginnings: 15 MiB at rest. A system may give them unasked. Where the kernel does
    // not know the request, it costs that memory and nothing else.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_thp_disable(true);
    support_desk::cli::main()
}
