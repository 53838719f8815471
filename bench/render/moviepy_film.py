"""The bench's film by moviepy, as a good user of moviepy would write it.

Pictures are resampled by Pillow's C code, one call a frame, straight to a NumPy array; scenes are chained, so that only
the frames of a crossfade are composed of two; captions are drawn once a word, not once a frame. Prints the seconds that
the film took, without Python's start and imports.

Usage: moviepy_film.py FILM.json OUT.mp4 same|defaults
"""

import json
import sys
import time

import numpy as np
from moviepy import (
    AudioFileClip,
    CompositeAudioClip,
    CompositeVideoClip,
    ImageClip,
    VideoClip,
    afx,
    concatenate_videoclips,
    vfx,
)
from PIL import Image, ImageDraw, ImageFont


def scene_clip(scene, size, fps):
    """A picture with its motion: a window that moves between pixels, resampled in one call."""
    picture = cover(Image.open(scene["image"]).convert("RGB"), size)
    frames, start, end = scene["frames"], scene["from"], scene["to"]

    def frame(t):
        progress = min(1.0, t * fps / frames)
        zoom = start["zoom"] + (end["zoom"] - start["zoom"]) * progress
        x = start["x"] + (end["x"] - start["x"]) * progress
        y = start["y"] + (end["y"] - start["y"]) * progress
        width, height = size[0] / zoom, size[1] / zoom
        left, top = (size[0] - width) * x, (size[1] - height) * y
        box = (left, top, left + width, top + height)
        return np.asarray(picture.resize(size, Image.Resampling.BILINEAR, box=box))

    return VideoClip(frame, duration=frames / fps).with_fps(fps)


def cover(picture, size):
    factor = max(size[0] / picture.width, size[1] / picture.height)
    scaled = picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)
    left, top = (scaled.width - size[0]) // 2, (scaled.height - size[1]) // 2
    return scaled.crop((left, top, left + size[0], top + size[1]))


def caption_clips(caption, font, size, bottom):
    """One picture a word: what has been spoken is lit."""
    lines = caption["lines"]
    step = round(font.size * 1.3)
    width = round(max(font.getlength(line) for line in lines)) + 16
    height = step * len(lines) + 16
    spoken = 0
    for word in caption["words"]:
        spoken += len(word["text"])
        image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
        draw = ImageDraw.Draw(image)
        lit = spoken
        for index, line in enumerate(lines):
            place = ((width - font.getlength(line)) / 2, step * index)
            draw.text(place, line, font=font, fill="white", stroke_width=4, stroke_fill="black")
            draw.text(place, line[: max(0, lit)], font=font, fill=(255, 214, 64), stroke_width=4, stroke_fill="black")
            lit -= len(line)
        clip = ImageClip(np.asarray(image), transparent=True)
        at = ((size[0] - width) // 2, bottom - height)
        yield clip.with_start(word["start"]).with_duration(word["end"] - word["start"]).with_position(at)


def chained(film, size, fps):
    clips = [scene_clip(scene, size, fps) for scene in film["scenes"]]
    parts = []
    for index, scene in enumerate(film["scenes"]):
        if scene["fade"] > 0:
            seconds = scene["fade"] / fps
            before = clips[index - 1]
            tail = before.subclipped(before.duration - seconds)
            head = clips[index].subclipped(0, seconds).with_effects([vfx.CrossFadeIn(seconds)])
            parts.append(CompositeVideoClip([tail, head], size=size, use_bgclip=True).with_duration(seconds))
        start, end = scene["body"]
        parts.append(clips[index].subclipped(start / fps, end / fps))
    return concatenate_videoclips(parts, method="chain")


def sound(film):
    duration = film["duration"]
    bed = film["music"]
    music = AudioFileClip(bed["file"]).with_effects([afx.AudioLoop(duration=duration), afx.MultiplyVolume(bed["volume"])])
    for voice in film["narration"]:
        music = music.with_effects([afx.MultiplyVolume(0.35, start_time=voice["start"], end_time=voice["end"])])
    music = music.with_effects([afx.AudioFadeIn(bed["fade_in"]), afx.AudioFadeOut(bed["fade_out"])])
    voices = [AudioFileClip(voice["file"]).with_start(voice["start"]) for voice in film["narration"]]
    return CompositeAudioClip([music, *voices]).with_duration(duration)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        film = json.load(file)
    started = time.perf_counter()
    size, fps = tuple(film["size"]), film["fps"]
    font = ImageFont.truetype(film["font"], film["font_size"])
    captions = [clip for caption in film["captions"] for clip in caption_clips(caption, font, size, film["caption_bottom"])]
    video = CompositeVideoClip([chained(film, size, fps), *captions], size=size, use_bgclip=True)
    video = video.with_duration(film["duration"]).with_audio(sound(film))
    if sys.argv[3] == "same":
        video.write_videofile(
            sys.argv[2],
            fps=fps,
            codec="libx264",
            preset=film["preset"],
            audio_codec="aac",
            audio_bitrate="192k",
            audio_fps=48000,
            pixel_format="yuv420p",
            ffmpeg_params=film["encoding"],
            logger=None,
        )
    else:
        video.write_videofile(sys.argv[2], fps=fps, logger=None)
    print(time.perf_counter() - started)


main()
