"""A second of two tones (440 Hz left, 660 Hz right) in every kind of file that the page opens, by ffmpeg.

Run from the repository root: python tests/golden/sound.py
"""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent / "sound"
TONES = "aevalsrc=0.4*sin(2*PI*440*t)|0.4*sin(2*PI*660*t):s={rate}:d=1"
FILES = {
    "16.wav": ["-c:a", "pcm_s16le", "-ar", "16000"],
    "float.wav": ["-c:a", "pcm_f32le", "-ar", "8000"],
    "tones.mp3": ["-b:a", "64k"],
    "tones.m4a": ["-c:a", "aac", "-b:a", "64k"],
    "tones.aac": ["-c:a", "aac", "-b:a", "64k"],
    "tones.flac": ["-ar", "16000"],
    "tones.ogg": ["-c:a", "libvorbis", "-q:a", "1"],
    "tones.mkv": ["-c:a", "libvorbis", "-q:a", "1"],
    # No library in Rust reads Opus well: the browser does.
    "tones.webm": ["-c:a", "libopus", "-b:a", "48k"],
}


def ffmpeg(rate: int, how: list[str], to: str) -> None:
    source = ["-f", "lavfi", "-i", TONES.format(rate=rate)]
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *source, "-bitexact", *how, HERE / to], check=True)


HERE.mkdir(exist_ok=True)
for name, how in FILES.items():
    ffmpeg(44_100, how, name)
ffmpeg(192_000, ["-ac", "8", "-c:a", "pcm_u8", "-t", "0.03"], "eight.wav")
whole = (HERE / "tones.mp3").read_bytes()
(HERE / "cut.mp3").write_bytes(whole[: len(whole) // 3])
