//! However the bytes are cut, the events and the verdict are the same.

use aid_adapter_kit::Source;
use proptest::prelude::*;

use crate::support::{Recording, read_chunks, read_whole, recordings};

/// Recordings up to this size are cut at every place; larger ones at random.
const SMALL_BYTES: usize = 1500;

#[test]
fn in_two_at_every_place() {
    let mut small = 0;
    for recording in recordings().iter().filter(|recording| recording.stdout.len() <= SMALL_BYTES) {
        small += 1;
        let whole = read_whole(recording);
        for at in 0..=recording.stdout.len() {
            let (before, after) = recording.stdout.split_at(at);
            let chunks = [(Source::Out, before), (Source::Err, &recording.stderr[..]), (Source::Out, after)];
            assert_eq!(read_chunks(recording, &chunks), whole, "{} at {at}", recording.name);
        }
        for at in 0..=recording.stderr.len() {
            let (before, after) = recording.stderr.split_at(at);
            let chunks = [(Source::Err, before), (Source::Out, &recording.stdout[..]), (Source::Err, after)];
            assert_eq!(read_chunks(recording, &chunks), whole, "{} at {at} of stderr", recording.name);
        }
    }
    assert!(small > 20, "only {small} recordings were cut");
}

#[test]
fn byte_by_byte() {
    for recording in recordings() {
        let bytes = |from: Source, stream: &'_ [u8]| -> Vec<(Source, Vec<u8>)> {
            stream.iter().map(|byte| (from, vec![*byte])).collect()
        };
        let mut owned = bytes(Source::Out, &recording.stdout);
        owned.extend(bytes(Source::Err, &recording.stderr));
        let chunks: Vec<(Source, &[u8])> = owned.iter().map(|(from, chunk)| (*from, &chunk[..])).collect();
        assert_eq!(read_chunks(&recording, &chunks), read_whole(&recording), "{}", recording.name);
    }
}

/// Cuts both streams into pieces of these sizes, by turns, until they end.
fn interleaved<'a>(recording: &'a Recording, sizes: &[(bool, usize)]) -> Vec<(Source, &'a [u8])> {
    let (mut out, mut err) = (&recording.stdout[..], &recording.stderr[..]);
    let mut chunks = Vec::new();
    for (from_out, size) in sizes {
        let (from, rest) = if *from_out { (Source::Out, &mut out) } else { (Source::Err, &mut err) };
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        *rest = after;
        chunks.push((from, piece));
    }
    chunks.extend([(Source::Err, err), (Source::Out, out)]);
    chunks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn at_random_with_both_streams_mixed(sizes in proptest::collection::vec((any::<bool>(), 0_usize..400), 0..40)) {
        for recording in recordings() {
            let reading = read_chunks(&recording, &interleaved(&recording, &sizes));
            prop_assert_eq!(reading, read_whole(&recording), "{}", recording.name);
        }
    }
}
