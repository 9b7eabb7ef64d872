//! The rules that every adapter keeps, whatever its agent: the chunking changes nothing, a success needs its mark, and
//! strange lines do no harm. Each takes recordings and panics where the rule is broken.

use aid_adapter_kit::{Adapter, Outcome, Source};

use crate::{Reading, Recording, lines, read, read_chunks};

/// Recordings up to this size are cut at every byte; larger ones around every line's end.
const SMALL_BYTES: usize = 2000;

/// Which stream comes next, and how much of it.
pub type Piece = (bool, usize);

fn places(stream: &[u8]) -> Vec<usize> {
    if stream.len() <= SMALL_BYTES {
        return (0..=stream.len()).collect();
    }
    let mut places = vec![0];
    let mut end = 0;
    for line in lines(stream) {
        let middle = end + line.len() / 2;
        end += line.len();
        places.extend([middle, end - 1, end]);
    }
    places
}

/// Each stream in two pieces, cut everywhere, with the other stream in between.
///
/// # Panics
/// When a cut changes anything.
pub fn same_in_two_pieces<A: Adapter>(recordings: &[Recording]) {
    for recording in recordings {
        let whole = read::<A>(recording);
        for at in places(&recording.stdout) {
            let (before, after) = recording.stdout.split_at(at);
            let chunks = [(Source::Out, before), (Source::Err, &recording.stderr[..]), (Source::Out, after)];
            assert_eq!(read_chunks::<A>(recording, &chunks), whole, "{} at {at}", recording.name);
        }
        for at in places(&recording.stderr) {
            let (before, after) = recording.stderr.split_at(at);
            let chunks = [(Source::Err, before), (Source::Out, &recording.stdout[..]), (Source::Err, after)];
            assert_eq!(read_chunks::<A>(recording, &chunks), whole, "{} at {at} of stderr", recording.name);
        }
    }
}

/// Every byte for itself.
///
/// # Panics
/// When that changes anything.
pub fn same_byte_by_byte<A: Adapter>(recordings: &[Recording]) {
    for recording in recordings {
        let out = recording.stdout.chunks(1).map(|byte| (Source::Out, byte));
        let chunks: Vec<_> = out.chain(recording.stderr.chunks(1).map(|byte| (Source::Err, byte))).collect();
        assert_eq!(read_chunks::<A>(recording, &chunks), read::<A>(recording), "{}", recording.name);
    }
}

/// Pieces of these sizes, by turns, until both streams end; for property tests.
///
/// # Panics
/// When that changes anything.
pub fn same_in_pieces<A: Adapter>(recordings: &[Recording], sizes: &[Piece]) {
    for recording in recordings {
        let (mut out, mut err) = (&recording.stdout[..], &recording.stderr[..]);
        let mut chunks = Vec::new();
        for (from_out, size) in sizes {
            let (from, rest) = if *from_out { (Source::Out, &mut out) } else { (Source::Err, &mut err) };
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            *rest = after;
            chunks.push((from, piece));
        }
        chunks.extend([(Source::Err, err), (Source::Out, out)]);
        assert_eq!(read_chunks::<A>(recording, &chunks), read::<A>(recording), "{}", recording.name);
    }
}

/// Output cut anywhere, with the kindest exit there is: a success only from the success mark's own line on. `is_mark` says
/// which line that is; the last one of a recording counts.
///
/// # Panics
/// When something else made a success.
pub fn never_a_success_before_its_mark<A: Adapter>(recordings: &[Recording], is_mark: impl Fn(&[u8]) -> bool) {
    for recording in recordings {
        let mut kind = recording.clone();
        kind.exit.code = Some(0);
        kind.exit.signal = None;
        let mut end = 0;
        let mut mark = None;
        for line in lines(&recording.stdout) {
            end += line.len();
            if is_mark(line) {
                mark = Some(end - usize::from(line.ends_with(b"\n")));
            }
        }
        for at in places(&recording.stdout) {
            kind.stdout = recording.stdout[..at].to_vec();
            let outcome = read::<A>(&kind).verdict.outcome;
            let may_succeed = mark.is_some_and(|mark| at >= mark);
            assert!(may_succeed || outcome != Outcome::Success, "{} cut at {at}: {outcome:?}", recording.name);
        }
    }
}

/// Strange lines put before every line of stdout: `expected` gets the clean reading and the one with strangers.
///
/// # Panics
/// When the events differ.
pub fn same_with_strangers<A: Adapter>(
    recordings: &[Recording],
    strangers: &[&[u8]],
    expected: impl Fn(&Recording, &Reading, &Reading),
) {
    for recording in recordings {
        let clean = read::<A>(recording);
        for at in 0..=lines(&recording.stdout).len() {
            let mut pieces = lines(&recording.stdout);
            pieces.splice(at..at, strangers.iter().copied());
            let dirty = Recording { stdout: pieces.concat(), ..recording.clone() };
            let reading = read::<A>(&dirty);
            assert_eq!(reading.stdout_events, clean.stdout_events, "{} at {at}", recording.name);
            expected(recording, &clean, &reading);
        }
    }
}

/// CRLF ends a line too.
///
/// # Panics
/// When that changes anything.
pub fn same_with_crlf<A: Adapter>(recordings: &[Recording]) {
    for recording in recordings {
        let windows = |line: &&[u8]| match line.strip_suffix(b"\n") {
            Some(body) => [body, b"\r\n"].concat(),
            None => line.to_vec(),
        };
        let stdout = lines(&recording.stdout).iter().flat_map(windows).collect();
        let crlf = Recording { stdout, ..recording.clone() };
        assert_eq!(read::<A>(&crlf), read::<A>(recording), "{}", recording.name);
    }
}
