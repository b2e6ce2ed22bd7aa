//! Sound files unpacked a packet at a time; of their channels the mean is kept.

use std::{ops::Range, rc::Rc};

use symphonia::{
    core::{
        audio::{AudioBufferRef, SampleBuffer, SignalSpec},
        codecs::{CODEC_TYPE_NULL, Decoder, DecoderOptions},
        errors::Error,
        formats::{FormatOptions, FormatReader},
        io::{MediaSource, MediaSourceStream},
        meta::MetadataOptions,
        probe::Hint,
    },
    default::{get_codecs, get_probe},
};

use super::Unpacks;

/// Packets in which nothing was found, after which a file is given up before anything was.
const MOST_EMPTY: usize = 200;
/// A file that has less than this part of what it says has lost something.
const WHOLE: f64 = 0.98;

type Again = Rc<dyn Fn() -> Box<dyn MediaSource>>;

/// A sound file, and what of it is unpacked.
pub struct Unpacker {
    /// Reads the file from its beginning.
    again: Again,
    name: String,
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn Decoder>,
    track: u32,
    /// Moments that the file says it has.
    said: Option<u64>,
    spec: SignalSpec,
    kept: Vec<f32>,
    /// The moment that `kept` begins with.
    first: u64,
    ended: bool,
    /// Packets that could not be unpacked.
    broken: usize,
}

impl Unpacker {
    /// Opens a file, up to its first sound.
    ///
    /// # Errors
    /// What kind of file it is, or that it has no sound, in words.
    pub fn open(file: impl MediaSource + Clone + 'static, name: &str) -> Result<Self, String> {
        Self::of(Rc::new(move || Box::new(file.clone())), name)
    }

    fn of(again: Again, name: &str) -> Result<Self, String> {
        let strange = |why: Error| format!("{name} is no sound file that can be opened: {why}");
        let mut hint = Hint::new();
        if let Some((_, ending)) = name.rsplit_once('.') {
            hint.with_extension(&ending.to_lowercase());
        }
        let stream = MediaSourceStream::new(again(), Default::default());
        // The silence that packing adds at both ends is left out.
        let format = FormatOptions { enable_gapless: true, ..FormatOptions::default() };
        let reader = get_probe()
            .format(&hint, stream, &format, &MetadataOptions::default())
            .map_err(strange)?
            .format;
        let mut tracks = reader.tracks().iter();
        let track = tracks
            .find(|t| {
                t.codec_params.codec != CODEC_TYPE_NULL && t.codec_params.sample_rate.is_some()
            })
            .ok_or_else(|| format!("{name} has no sound in it that can be opened"))?;
        let (id, said) = (track.id, track.codec_params.n_frames.filter(|frames| *frames > 0));
        let decoder =
            get_codecs().make(&track.codec_params, &DecoderOptions::default()).map_err(strange)?;
        let mut unpacker = Self {
            again,
            name: name.to_owned(),
            reader,
            decoder,
            track: id,
            said,
            spec: SignalSpec::new(0, Default::default()),
            kept: Vec::new(),
            first: 0,
            ended: false,
            broken: 0,
        };
        let mut empty = 0;
        while unpacker.kept.is_empty() && !unpacker.ended && empty < MOST_EMPTY {
            unpacker.step();
            empty += 1;
        }
        match unpacker.kept.is_empty() {
            true => Err(format!("{name} has no sound in it: it may be cut off or broken")),
            false => Ok(unpacker),
        }
    }

    /// Moments a second, and how many channels the file has.
    pub fn form(&self) -> (u32, usize) {
        (self.spec.rate, self.spec.channels.count())
    }

    /// How many moments the file says it has.
    pub fn said_len(&self) -> Option<u64> {
        self.said
    }

    fn len(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    fn keep(&mut self, audio: SampleBuffer<f32>, spec: SignalSpec) {
        if audio.is_empty() {
            return;
        }
        if self.kept.is_empty() && self.first == 0 {
            self.spec = spec;
        }
        // What goes on in another form is a sound of its own.
        if self.spec != spec {
            self.ended = true;
            return;
        }
        match spec.channels.count() {
            1 => self.kept.extend_from_slice(audio.samples()),
            count => {
                let mean = |moment: &[f32]| moment.iter().sum::<f32>() / count as f32;
                self.kept.extend(audio.samples().chunks_exact(count.max(1)).map(mean));
            }
        }
    }
}

/// The samples of all channels, those of a moment together.
fn interleaved(audio: AudioBufferRef<'_>) -> SampleBuffer<f32> {
    let mut samples = SampleBuffer::new(audio.capacity() as u64, *audio.spec());
    samples.copy_interleaved_ref(audio);
    samples
}

impl Unpacks for Unpacker {
    fn step(&mut self) {
        if self.ended {
            return;
        }
        let packet = match self.reader.next_packet() {
            Ok(packet) => packet,
            // A file that is cut off ends as one does that is whole.
            Err(_) => {
                self.ended = true;
                return;
            }
        };
        if packet.track_id() != self.track {
            return;
        }
        match self.decoder.decode(&packet) {
            Ok(audio) => {
                let spec = *audio.spec();
                let samples = interleaved(audio);
                self.keep(samples, spec);
            }
            // What cannot be unpacked is silent, so that what comes after it keeps its time.
            Err(Error::DecodeError(_) | Error::IoError(_)) => {
                self.broken += 1;
                if !self.kept.is_empty() {
                    let len = usize::try_from(packet.dur).unwrap_or(0).min(self.spec.rate as usize);
                    self.kept.resize(self.kept.len() + len, 0.);
                }
            }
            Err(_) => self.ended = true,
        }
    }

    fn lacks(&self, end: u64) -> bool {
        !self.ended && self.len() < end
    }

    fn forget(&mut self, start: u64) -> Result<(), String> {
        if start < self.first {
            *self = Self::of(self.again.clone(), &self.name)?;
        }
        let gone = usize::try_from(start - self.first).unwrap_or(usize::MAX).min(self.kept.len());
        self.kept.drain(..gone);
        self.first += gone as u64;
        Ok(())
    }

    fn part(&self, moments: Range<u64>) -> Vec<f32> {
        let at = |moment: u64| {
            let at = usize::try_from(moment.saturating_sub(self.first)).unwrap_or(usize::MAX);
            at.min(self.kept.len())
        };
        self.kept.get(at(moments.start)..at(moments.end)).unwrap_or_default().to_vec()
    }

    fn ended(&self) -> Option<u64> {
        self.ended.then(|| self.len())
    }

    fn note(&self) -> Option<String> {
        let seconds = |moments: u64| moments as f64 / f64::from(self.spec.rate.max(1));
        let said = self.said.filter(|said| (self.len() as f64) < *said as f64 * WHOLE);
        match (said, self.broken) {
            (Some(said), _) => Some(format!(
                "{}: of the {:.1} seconds that it says it has, {:.1} are there. The rest may be cut off.",
                self.name,
                seconds(said),
                seconds(self.len())
            )),
            (None, 0) => None,
            (None, broken) => {
                Some(format!("{}: {broken} pieces of it are broken, and silent here.", self.name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{f64::consts::TAU, fs, io::Cursor};

    use super::*;

    fn file(name: &str) -> Cursor<Vec<u8>> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/sound/");
        Cursor::new(fs::read(format!("{folder}{name}")).unwrap())
    }

    fn whole(name: &str) -> Unpacker {
        let mut unpacker = Unpacker::open(file(name), name).unwrap_or_else(|why| panic!("{why}"));
        while unpacker.lacks(u64::MAX) {
            unpacker.step();
        }
        unpacker
    }

    /// How strong a tone of so many turns a second is in samples.
    fn strength(samples: &[f32], rate_hz: u32, hz: f64) -> f64 {
        let turned = samples.iter().enumerate().map(|(at, sample)| {
            let angle = TAU * hz * at as f64 / f64::from(rate_hz);
            (f64::from(*sample) * angle.cos(), f64::from(*sample) * angle.sin())
        });
        let (re, im) = turned.fold((0., 0.), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        2. * re.hypot(im) / samples.len() as f64
    }

    /// The file has a second of two tones, one in each channel: half as strong in the mean.
    #[track_caller]
    fn check(name: &str, rate_hz: u32) {
        let unpacker = whole(name);
        assert_eq!(unpacker.form(), (rate_hz, 2), "{name}");
        let len = unpacker.ended().unwrap();
        // Packing adds some silence where a file does not say how much.
        let long = len as f64 / f64::from(rate_hz);
        assert!((0.99..1.1).contains(&long), "{name}: {long} s");
        assert_eq!(unpacker.note(), None, "{name}");
        let samples = unpacker.part(0..len);
        let middle = &samples[samples.len() / 4..samples.len() / 4 * 3];
        for (hz, want) in [(440., 0.2), (660., 0.2), (550., 0.)] {
            let got = strength(middle, rate_hz, hz);
            assert!((got - want).abs() < 0.02, "{name}: {got} of {hz} Hz");
        }
    }

    #[test]
    fn files_of_every_kind_are_unpacked_to_the_mean_of_their_channels() {
        check("16.wav", 16_000);
        check("float.wav", 8_000);
        check("tones.flac", 16_000);
        for name in ["tones.mp3", "tones.m4a", "tones.aac", "tones.ogg", "tones.mkv"] {
            check(name, 44_100);
        }
        let eight = whole("eight.wav");
        assert_eq!((eight.form(), eight.ended()), ((192_000, 8), Some(5760)));
    }

    #[test]
    fn a_file_that_is_cut_off_gives_what_is_there_and_says_so() {
        let cut = whole("cut.mp3");
        let len = cut.ended().unwrap();
        assert!((10_000..20_000).contains(&len), "{len}");
        let note = cut.note().unwrap();
        assert!(
            note.starts_with("cut.mp3: of the 1.0 seconds that it says it has, 0.3 are there"),
            "{note}"
        );
    }

    #[test]
    fn what_is_no_sound_is_refused_by_its_name() {
        let refused = |bytes: &[u8]| {
            Unpacker::open(Cursor::new(bytes.to_vec()), "a.mp3").map(drop).unwrap_err()
        };
        for bytes in [&b""[..], b"no sound at all", &[0; 5000], b"RIFF\x10\0\0\0WAVE", &[255; 300]]
        {
            let why = refused(bytes);
            assert!(why.starts_with("a.mp3 "), "{why}");
        }
        // The browser's.
        assert!(Unpacker::open(file("tones.webm"), "tones.webm").is_err());
        // However a file lies, it is refused or it ends.
        let whole = file("tones.m4a").into_inner();
        for at in (0..whole.len()).step_by(97) {
            let mut lying = whole.clone();
            lying[at] ^= 0x55;
            if let Ok(mut unpacker) = Unpacker::open(Cursor::new(lying), "a.m4a") {
                for _ in 0..500 {
                    unpacker.step();
                }
                assert!(unpacker.ended().is_some());
            }
        }
    }

    #[test]
    fn parts_are_those_of_the_whole_wherever_it_is_gone_on_from() {
        let all = whole("tones.ogg").part(0..u64::MAX);
        let mut unpacker = Unpacker::open(file("tones.ogg"), "tones.ogg").unwrap();
        for start in [20_000, 30_000, 5_000, 0] {
            unpacker.forget(start).unwrap();
            while unpacker.lacks(start + 10_000) {
                unpacker.step();
            }
            let want = &all[start as usize..][..10_000];
            assert!(unpacker.part(start..start + 10_000) == want, "from {start}");
        }
        assert!(unpacker.kept.len() < 20_000);
    }
}
