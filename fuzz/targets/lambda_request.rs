#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| support_desk_fuzz::lambda_request::run(bytes));
