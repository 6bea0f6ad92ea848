//! The program `support-desk`. Its code is in the library, so that tests can use it.

use std::process::ExitCode;

/// A click allocates thousands of small values. With glibc's allocator they took a fifth of its CPU
/// time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    support_desk::cli::main()
}
