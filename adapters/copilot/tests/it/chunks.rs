//! However the bytes are cut, the events and the verdict are the same.

use aid_adapter_copilot::Copilot;
use aid_adapter_testkit::{same_byte_by_byte, same_in_pieces, same_in_two_pieces};
use proptest::prelude::*;

use crate::support::recordings;

#[test]
fn in_two_at_every_place() {
    let recordings = recordings();
    assert!(recordings.len() > 10, "only {} recordings", recordings.len());
    same_in_two_pieces::<Copilot>(&recordings);
}

#[test]
fn byte_by_byte() {
    same_byte_by_byte::<Copilot>(&recordings());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]
    #[test]
    fn at_random_with_both_streams_mixed(sizes in proptest::collection::vec((any::<bool>(), 0_usize..400), 0..40)) {
        same_in_pieces::<Copilot>(&recordings(), &sizes);
    }
}
