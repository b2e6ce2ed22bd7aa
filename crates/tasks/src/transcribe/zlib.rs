//! How long zlib makes some bytes, to the byte, as Python's `zlib.compress` does it: text that says the same again and
//! again becomes short. Nothing is compressed; lengths are counted.
//!
//! Level 6 of zlib 1.2: `deflate_slow` finds what came before, `_tr_flush_block` chooses how it is coded. All is one
//! block, as there are few bytes.

use std::collections::HashMap;

/// Most bytes: all that came before can be pointed at, and codes have no more than 15 bits.
const MOST: usize = 1 << 14;
/// Shortest and longest of what is pointed at.
const SHORTEST: usize = 3;
const LONGEST: usize = 258;
/// `configuration_table[6]`: from such a length on, fewer places are tried; none later; the search ends; places tried.
const GOOD: usize = 8;
const LAZY: usize = 16;
const NICE: usize = 128;
const CHAIN: usize = 128;
/// Three bytes so far away are not worth it.
const TOO_FAR: usize = 4096;
/// Symbols of bytes, of the end, of lengths; of distances; of lengths of codes.
const LITERALS: usize = 286;
const END: usize = 256;
const DISTANCES: usize = 30;
const LENGTHS: usize = 19;
/// In which order the lengths of codes are told.
const ORDER: [usize; LENGTHS] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Bytes before and after the block.
const AROUND: usize = 2 + 4;

/// Bytes that Python's `zlib.compress` makes of these; `None` if there are too many to count.
pub fn compressed_len(bytes: &[u8]) -> Option<usize> {
    if bytes.len() > MOST {
        return None;
    }
    let mut counts = Counts::new();
    counts.read(bytes);
    let (own, plain) = (counts.own_bits(), counts.plain_bits());
    let coded = own.min(plain);
    // What is stored begins at a whole byte, after three bits, with its length twice.
    let stored = bytes.len() + 4;
    let len = |bits: usize| (bits + 3).div_ceil(8);
    let block = if stored <= len(coded) { stored + 1 } else { len(coded) };
    Some(AROUND + block)
}

/// How often each symbol is told.
struct Counts {
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
    /// Bits beside the symbols.
    extra: usize,
}

impl Counts {
    fn new() -> Self {
        let mut literals = [0; LITERALS];
        literals[END] = 1;
        Self { literals, distances: [0; DISTANCES], extra: 0 }
    }

    fn pointed(&mut self, distance: usize, len: usize) {
        let (symbol, extra) = of_length(len);
        self.literals[symbol] += 1;
        let (place, more) = of_distance(distance);
        self.distances[place] += 1;
        self.extra += extra + more;
    }

    /// Goes through the bytes as zlib does: what is found at one place is told only if the next has nothing longer.
    fn read(&mut self, bytes: &[u8]) {
        let mut search = Search { bytes, heads: HashMap::new(), before: vec![0; bytes.len()] };
        let (mut at, mut found, mut waits) = (0, Found { at: 0, len: 2 }, false);
        while at < bytes.len() {
            let last = found;
            found = Found { len: 2, ..last };
            let head = search.put(at);
            if head != 0 && last.len < LAZY {
                found = search.longest(at, head, last);
                if found.len == SHORTEST && at - found.at > TOO_FAR {
                    found.len = 2;
                }
            }
            if last.len >= SHORTEST && found.len <= last.len {
                self.pointed(at - 1 - last.at, last.len);
                let next = at - 1 + last.len;
                for inside in at + 1..next {
                    search.put(inside);
                }
                (at, waits, found.len) = (next, false, 2);
                continue;
            }
            if waits {
                self.literals[usize::from(bytes[at - 1])] += 1;
            }
            (at, waits) = (at + 1, true);
        }
        if waits {
            self.literals[usize::from(bytes[at - 1])] += 1;
        }
    }

    /// Bits with the codes that the format has.
    fn plain_bits(&self) -> usize {
        let bits = |symbol: usize| match symbol {
            0..=143 => 8,
            144..=255 => 9,
            256..=279 => 7,
            _ => 8,
        };
        let literals = self.literals.iter().enumerate();
        let literals: usize = literals.map(|(symbol, n)| *n as usize * bits(symbol)).sum();
        let distances: usize = self.distances.iter().map(|n| *n as usize * 5).sum();
        literals + distances + self.extra
    }

    /// Bits with codes of its own, which are told before.
    fn own_bits(&self) -> usize {
        let (literals, distances) = (lengths(&self.literals, 15), lengths(&self.distances, 15));
        let mut told = [0; LENGTHS];
        let more = tell(&literals, &mut told) + tell(&distances, &mut told);
        let of_lengths = lengths(&told, 7);
        let known =
            ORDER.iter().rposition(|symbol| of_lengths.get(*symbol).is_some_and(|n| *n > 0));
        let known = known.unwrap_or(0).max(2) + 1;
        let bits = |counts: &[u32], lengths: &[u8]| -> usize {
            counts.iter().zip(lengths).map(|(n, bits)| *n as usize * usize::from(*bits)).sum()
        };
        let symbols = bits(&self.literals, &literals) + bits(&self.distances, &distances);
        symbols + self.extra + 14 + 3 * known + bits(&told, &of_lengths) + more
    }
}

/// What came before.
#[derive(Clone, Copy)]
struct Found {
    at: usize,
    len: usize,
}

/// Places of three bytes, the latest first.
struct Search<'b> {
    bytes: &'b [u8],
    heads: HashMap<usize, usize>,
    /// For each place the one before with the same hash; 0 ends the row, so that the first place is never found.
    before: Vec<usize>,
}

impl Search<'_> {
    /// Remembers a place, and tells which one before had the same hash.
    fn put(&mut self, at: usize) -> usize {
        let Some([a, b, c]) = self.bytes.get(at..at + SHORTEST) else { return 0 };
        let hash = (usize::from(*a) << 10 ^ usize::from(*b) << 5 ^ usize::from(*c)) & 0x7fff;
        let head = self.heads.insert(hash, at).unwrap_or(0);
        self.before[at] = head;
        head
    }

    fn longest(&self, at: usize, head: usize, last: Found) -> Found {
        let here = &self.bytes[at..self.bytes.len().min(at + LONGEST)];
        let tries = if last.len >= GOOD { CHAIN / 4 } else { CHAIN };
        let mut best = last;
        let mut place = head;
        for _ in 0..tries {
            let same = self.bytes[place..].iter().zip(here).take_while(|(a, b)| a == b).count();
            if same > best.len {
                best = Found { at: place, len: same };
                if same >= NICE.min(self.bytes.len() - at) {
                    break;
                }
            }
            place = self.before[place];
            if place == 0 {
                break;
            }
        }
        Found { len: best.len.min(self.bytes.len() - at), ..best }
    }
}

/// The symbol of a length, and its further bits.
fn of_length(len: usize) -> (usize, usize) {
    match len - SHORTEST {
        255 => (285, 0),
        low @ 0..8 => (257 + low, 0),
        over => {
            let extra = over.ilog2() as usize - 2;
            (257 + 4 * extra + (over >> extra), extra)
        }
    }
}

/// The symbol of a distance, and its further bits.
fn of_distance(distance: usize) -> (usize, usize) {
    match distance - 1 {
        low @ 0..4 => (low, 0),
        over => {
            let extra = over.ilog2() as usize - 1;
            (2 * extra + (over >> extra), extra)
        }
    }
}

/// Bits of the code of each symbol, up to the last that comes, as zlib's `build_tree` has them.
fn lengths(counts: &[u32], most: u8) -> Vec<u8> {
    // A knot: how often, how deep below it, itself. The least is taken first; of those alike in both, as in a heap.
    let mut knots: Vec<(u32, u8)> = counts.iter().map(|n| (*n, 0)).collect();
    let mut heap: Vec<usize> = (0..counts.len()).filter(|symbol| counts[*symbol] > 0).collect();
    let mut last = heap.last().copied();
    // There are two symbols at least, or there is no code.
    while heap.len() < 2 {
        let symbol =
            if last.is_none_or(|last| last < 2) { last.map_or(0, |last| last + 1) } else { 0 };
        last = Some(last.map_or(symbol, |last| last.max(symbol)));
        knots[symbol].0 = 1;
        heap.push(symbol);
    }
    let mut parents = vec![usize::MAX; knots.len()];
    (0..heap.len() / 2).rev().for_each(|at| sink(&mut heap, at, &knots));
    // Knots in the order in which they lost their place, for the deepest come first.
    let mut order = Vec::new();
    loop {
        let first = heap.swap_remove(0);
        sink(&mut heap, 0, &knots);
        let second = heap[0];
        order.extend([first, second]);
        let joined = knots.len();
        let depth = knots[first].1.max(knots[second].1) + 1;
        knots.push((knots[first].0 + knots[second].0, depth));
        parents.push(usize::MAX);
        (parents[first], parents[second]) = (joined, joined);
        heap[0] = joined;
        sink(&mut heap, 0, &knots);
        if heap.len() < 2 {
            break;
        }
    }
    let mut bits = vec![0u8; knots.len()];
    let mut of_bits = vec![0usize; usize::from(most) + 1];
    let mut over = 0;
    for knot in order.iter().rev() {
        let wanted = bits[parents[*knot]] + 1;
        bits[*knot] = wanted.min(most);
        if wanted > most {
            over += 1;
        }
        if *knot < counts.len() {
            of_bits[usize::from(bits[*knot])] += 1;
        }
    }
    if over > 0 {
        shorten(&mut of_bits, over);
        let leaves = order.iter().filter(|knot| **knot < counts.len());
        let all = (0..of_bits.len()).rev().flat_map(|n| std::iter::repeat_n(n as u8, of_bits[n]));
        leaves.zip(all).for_each(|(knot, n)| bits[*knot] = n);
    }
    bits.truncate(last.map_or(0, |last| last + 1));
    bits
}

/// Lets a knot fall to its place in a heap whose least is first.
fn sink(heap: &mut [usize], mut at: usize, knots: &[(u32, u8)]) {
    let smaller = |a: usize, b: usize| knots[a] <= knots[b];
    loop {
        let mut below = 2 * at + 1;
        if below + 1 < heap.len() && smaller(heap[below + 1], heap[below]) {
            below += 1;
        }
        if below >= heap.len() || smaller(heap[at], heap[below]) {
            return;
        }
        heap.swap(at, below);
        at = below;
    }
}

/// Brings codes that are too long to the most there is: a shorter one becomes longer for each two.
fn shorten(of_bits: &mut [usize], mut over: i64) {
    let most = of_bits.len() - 1;
    while over > 0 {
        let mut bits = most - 1;
        while of_bits[bits] == 0 {
            bits -= 1;
        }
        of_bits[bits] -= 1;
        of_bits[bits + 1] += 2;
        of_bits[most] -= 1;
        over -= 2;
    }
}

/// Counts the symbols that tell lengths of codes, runs of them together; gives their further bits.
fn tell(lengths: &[u8], told: &mut [u32; LENGTHS]) -> usize {
    let mut more = 0;
    let mut rest = lengths;
    let mut last = None;
    while let Some(first) = rest.first().copied() {
        // A run of zeros is told at once, that of another length after its first.
        let most = match (first, last == Some(first)) {
            (0, _) => 138,
            (_, true) => 6,
            _ => 7,
        };
        let run = rest.iter().take(most).take_while(|n| **n == first).count();
        let least = if first == 0 || last == Some(first) { 3 } else { 4 };
        let after = usize::from(first != 0 && last != Some(first));
        match (first, run) {
            (_, run) if run < least => told[usize::from(first)] += run as u32,
            (0, 3..=10) => (told[17], more) = (told[17] + 1, more + 3),
            (0, _) => (told[18], more) = (told[18] + 1, more + 7),
            _ => {
                told[usize::from(first)] += after as u32;
                (told[16], more) = (told[16] + 1, more + 2);
            }
        }
        rest = &rest[run..];
        // zlib takes what follows a run for new, even where it is alike.
        last = rest.first().filter(|next| **next == first).map(|_| first);
    }
    more
}
