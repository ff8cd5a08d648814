"""`grade gradescope`: what is done before the upload."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Grade on Gradescope.")


@app.callback()
def _gradescope() -> None:
    """Make what Gradescope runs."""


@app.command("build")
def _build(
    homework: Annotated[str, typer.Option("--hw", metavar="N", help="Which homework: 3 means hw3, ex1 means ex1.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="ZIP", help="The zip to write.")] = Path("autograder.zip"),
    course: Annotated[
        Path | None, typer.Option("--course", metavar="DIR", help="The course; else this folder, else our own.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option("--image", metavar="DIR", help="Write a Dockerfile and its files here, and no zip.")
    ] = None,
    packages: Annotated[
        list[str] | None, typer.Option("--with", metavar="PACKAGE", help="For students' programs; may be repeated.")
    ] = None,
    torch_index: Annotated[
        str | None,
        typer.Option(
            "--torch-index",
            metavar="URL",
            help="Where setup.sh takes torch from; else CPU builds. '' is pip's own index: with CUDA, gigabytes more.",
        ),
    ] = None,
) -> None:
    """Make the zip that Gradescope takes as an autograder."""
    from grader import course as courses
    from grader.gradescope import build

    index = build.CPU_TORCH if torch_index is None else torch_index
    made = build.parcel(courses.locate(course), homework, index, packages or ())
    if image is None:
        build.write_zip(made, out)
        typer.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {len(made.files)} files")
    else:
        build.write_image(made, image)
        typer.echo(f"{image}: {len(made.files) + 1} files; next: docker build -t NAME {image}, and push it")
    for note in made.notes:
        typer.echo(note)
