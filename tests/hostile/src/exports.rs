//! The component's exports, written out instead of generated, because one of them returns by hand what generated code
//! could not build within the memory limit. Each other one passes through. It must not hold behaviour of its own.

use crate::wit::exports::aid::adapter::agent as generated;
use crate::{Hostile, Run};

/// As many events as no host should take, all of them empty texts.
const MANY: usize = 300_000;
/// More than one event takes in the contract's layout.
const EVENT_BYTES: usize = 128;

struct Answer(std::cell::UnsafeCell<[usize; 2]>);

// SAFETY: a component has one thread.
unsafe impl Sync for Answer {}

static ANSWER: Answer = Answer(std::cell::UnsafeCell::new([0; 2]));

/// A pointer and a length, as the contract's layout wants a list, over zeroes.
fn empty_events() -> *mut u8 {
    let events = vec![0_u64; MANY * EVENT_BYTES / size_of::<u64>()].leak().as_mut_ptr();
    // SAFETY: nobody else touches it while a call runs.
    unsafe { *ANSWER.0.get() = [events as usize, MANY] };
    ANSWER.0.get().cast()
}

#[unsafe(export_name = "aid:adapter/agent@0.1.0#describe")]
unsafe extern "C" fn describe() -> *mut u8 {
    unsafe { generated::_export_describe_cabi::<Hostile>() }
}

#[unsafe(export_name = "cabi_post_aid:adapter/agent@0.1.0#describe")]
unsafe extern "C" fn post_describe(answer: *mut u8) {
    unsafe { generated::__post_return_describe::<Hostile>(answer) }
}

#[unsafe(export_name = "aid:adapter/agent@0.1.0#plan")]
unsafe extern "C" fn plan(request: *mut u8) -> *mut u8 {
    unsafe { generated::_export_plan_cabi::<Hostile>(request) }
}

#[unsafe(export_name = "cabi_post_aid:adapter/agent@0.1.0#plan")]
unsafe extern "C" fn post_plan(answer: *mut u8) {
    unsafe { generated::__post_return_plan::<Hostile>(answer) }
}

#[unsafe(export_name = "aid:adapter/agent@0.1.0#[constructor]run")]
unsafe extern "C" fn constructor(request: *mut u8) -> i32 {
    unsafe { generated::_export_constructor_run_cabi::<Run>(request) }
}

#[unsafe(export_name = "aid:adapter/agent@0.1.0#[method]run.feed")]
unsafe extern "C" fn feed(run: *mut u8, source: i32, chunk: *mut u8, len: usize) -> *mut u8 {
    // SAFETY: the host passes a chunk of that length.
    if unsafe { std::slice::from_raw_parts(chunk, len) } == b"!300000-events" {
        return empty_events();
    }
    unsafe { generated::_export_method_run_feed_cabi::<Run>(run, source, chunk, len) }
}

#[unsafe(export_name = "cabi_post_aid:adapter/agent@0.1.0#[method]run.feed")]
unsafe extern "C" fn post_feed(answer: *mut u8) {
    if answer != ANSWER.0.get().cast() {
        unsafe { generated::__post_return_method_run_feed::<Run>(answer) }
    }
}

#[unsafe(export_name = "aid:adapter/agent@0.1.0#[method]run.finish")]
unsafe extern "C" fn finish(exit: *mut u8) -> *mut u8 {
    unsafe { generated::_export_method_run_finish_cabi::<Run>(exit) }
}

#[unsafe(export_name = "cabi_post_aid:adapter/agent@0.1.0#[method]run.finish")]
unsafe extern "C" fn post_finish(answer: *mut u8) {
    unsafe { generated::__post_return_method_run_finish::<Run>(answer) }
}

#[unsafe(export_name = "aid:adapter/agent@0.1.0#[dtor]run")]
unsafe extern "C" fn dtor(run: *mut u8) {
    unsafe { generated::Run::dtor::<Run>(run) }
}
