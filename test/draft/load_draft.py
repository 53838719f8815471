"""Loads a draft with pyJianYingDraft, takes its sound and picture tracks into a new draft, and tells what it found."""

import json
import pathlib
import sys
import tempfile

import pyJianYingDraft as jy
from pyJianYingDraft.local_materials import AudioMaterial, VideoMaterial

folder = pathlib.Path(sys.argv[1])
script = jy.DraftFolder(str(folder.parent)).load_template(folder.name)

# Dangling ids of a track are refused here and nowhere else.
box = tempfile.TemporaryDirectory()
fresh = jy.DraftFolder(box.name).create_draft("copy", script.width, script.height, fps=int(script.fps))
for track in script.imported_tracks:
    if track.track_type in (jy.TrackType.video, jy.TrackType.audio):
        fresh.import_track(script, track)
fresh.save()

# The library measures every file itself.
media = {}
for section, material in (("videos", VideoMaterial), ("audios", AudioMaterial)):
    for entry in script.imported_materials[section]:
        found = material(entry["path"])
        media[entry["path"]] = {
            "durationUs": [entry["duration"], found.duration],
            "size": [[entry.get("width"), entry.get("height")], [getattr(found, "width", None), getattr(found, "height", None)]],
        }

texts = {}
for entry in script.imported_materials["texts"]:
    content = json.loads(entry["content"])
    covered = "".join(content["text"][slice(*style["range"])] for style in content["styles"])
    texts[entry["id"]] = {"text": content["text"], "covered": covered}

tracks = {}
for track in script.imported_tracks:
    segments = track.raw_data["segments"]
    tracks[track.name] = [
        {
            "startUs": s["target_timerange"]["start"],
            "durationUs": s["target_timerange"]["duration"],
            "speed": s["speed"],
            "volume": s["volume"],
            "text": texts[s["material_id"]]["text"] if s["material_id"] in texts else None,
        }
        for s in segments
    ]

# The text of a caption can be replaced, as an editor would.
captions = [t for t in script.imported_tracks if t.name == "captions"]
if captions:
    script.replace_text(script.get_imported_track(jy.TrackType.text, name="captions"), 0, "另一句 🎬")
script.dump(str(pathlib.Path(box.name) / "edited.json"))

json.dump(
    {
        "canvas": [script.width, script.height],
        "fps": script.fps,
        "durationUs": script.duration,
        "tracks": tracks,
        "texts": list(texts.values()),
        "media": media,
        "imported": [len(t.raw_data["segments"]) for t in fresh.imported_tracks],
    },
    sys.stdout,
)
