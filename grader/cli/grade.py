"""grader grade"""

from __future__ import annotations

import gc
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import DONE, NOT_GRADED, UNREADABLE, nearest, options, write_stdout
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.assignments import Assignment
    from grader.batch import Batch
    from grader.executors import Executor
    from grader.kit import Kit, Settings
    from grader.lms.intake.gathering import Gathered
    from grader.lms.manifest import System
    from grader.output import Output
    from grader.sandbox.prefork import PreforkSandbox
    from grader.submissions import Submission

_LOOKED_AT = 200  # notebooks, where none has said which assignment they are of


@contextmanager
def _collecting_later() -> Iterator[None]:
    """What a start imports and reads is no garbage, and looking for some is a tenth of it: collections begin with `gc.enable`."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@click.command(
    "grade",
    short_help="Grade notebooks officially, hidden cases too.",
    epilog="Examples:\n\n\b\n  grader grade submissions/ -a my_assignment -o out/"
    "\n\n\b\n  grader grade ada.ipynb -a my_assignment -o out/ -j 1",
)
@click.argument("paths", nargs=-1, required=True, type=options.Place(), metavar="PATH...")
@options.assignment
@click.option("-o", "--output", type=options.Place(file_okay=False), required=True, metavar="OUT", help="The folder to write.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), default=None, metavar="N", help="Workers at once.  [default: the cores]")
@click.option("--cluster", metavar="ADDR", help="Work on a Dask cluster: tcp://HOST:PORT, or local:N.")
@click.option("--gradebook", "gradebook_url", metavar="URL", help="sqlite:///… or postgresql://…  [default: OUT/gradebook.db]")
@click.option("--roster", "roster_path", type=options.Place(), metavar="CSV", help="The course's own ids; times and extensions.")
@click.option("--force", is_flag=True, help="Grade again what has not changed since an earlier run.")
@click.option("--no-reuse", is_flag=True, help="Run identical notebooks each for itself.")
@click.option("--format", "output_format", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="stdout's form.")
@click.option("--public-only", is_flag=True, help="Grade by the public cases alone.")
@options.system
@options.language
@options.engine
@options.walls
@options.assignments_folder
@options.reference_folder
@_collecting_later()
def command(
    paths: tuple[Path, ...], assignment_id: str | None, output: Path, jobs: int | None, cluster: str | None, gradebook_url: str | None,
    roster_path: Path | None, force: bool, no_reuse: bool, output_format: str, public_only: bool, system: System | None,
    language: str | None, engine: str, walls: str, assignments_folder: Path | None, reference_folder: Path | None,
) -> int:  # fmt: skip
    """Grade notebooks officially.

    PATH is a notebook, a folder of them (STUDENT.ipynb or STUDENT/….ipynb), or what a platform hands out: its archive, or that
    unpacked. For each student OUT gets a result.json and a feedback.html, and OUT/index.html lists them all. What an earlier run
    into the same gradebook has graded, and has not changed since, is kept.
    """
    if cluster is not None:
        from grader.cluster import check_address

        check_address(cluster)
    from grader.sandbox.engines import begin_to_choose

    begin_to_choose(walls)
    from grader import assignments

    if assignment_id is None:
        raise UsageError("which assignment?", remedy=_fitting(paths, output, system, assignments_folder))
    assignment = assignments.load(assignment_id, assignments_folder)
    from grader.lms.intake.gathering import gather
    from grader.lms.intake.handin import Wanted
    from grader.lms.manifest import update_manifest
    from grader.submissions import names_in

    wanted = Wanted(assignment.id, assignment.notebook, assignment.late.zone if assignment.late else None)
    gathered = gather(paths, wanted, output=output, system=system, roster=roster_path)
    _tell_passed_over(gathered)
    found: Sequence[Submission] = gathered.submissions
    listed = set(gathered.absent)
    if roster_path is not None:
        assignment, found, timed = _timed(roster_path, assignment, found)
        listed.update(timed)
    _tell_strangers(assignment, itertools.chain(listed, names_in(output), (one.student for one in found)))
    from grader.executors import usable_cores
    from grader.kit import Settings, prepare
    from grader.model import Status
    from grader.output import Output, read_note
    from grader.recognition import claimed

    if (note := read_note(output)) is not None and note.assignment != assignment.id:
        raise UsageError(f"{output} holds results of {note.assignment}", remedy="name another folder for these")
    hidden = (output.resolve(), *{root.resolve() for root in {submission.root for submission in found}})
    settings = Settings(public_only, reference_folder, engine, walls, hidden=hidden)
    jobs = min(jobs or len(usable_cores()), len(found))
    with ExitStack() as stack:
        is_sure = cluster is None and (note is None or force)  # that there is something to do
        root = _begin(stack, assignment, settings) if is_sure else None
        from grader.absence import is_of_numpy, not_installed
        from grader.attempts import notes_of
        from grader.batch import Batch
        from grader.gradebook import open_gradebook
        from grader.progress import Reporter

        kit, sandbox = prepare(assignment, settings)
        sandbox.close()
        _warn(kit, walls)
        target, told, mistaken, lacking, drifted = Output(output), bytearray(len(found)), Counter[str](), Counter[str](), 0
        book = stack.enter_context(open_gradebook(gradebook_url or output / "gradebook.db"))
        kit = kit.for_class(notes_of(book, assignment.id))
        executor = None if root is None else _hire(stack, kit, jobs, root)
        gc.enable()
        noted = {"public_only": public_only, "force": force, "reuse": not no_reuse, "limits": kit.limits is not None}
        batch = Batch(
            kit, book, target, lambda: executor or _executor(kit, cluster, jobs),
            force=force, reuse=not no_reuse, language=language, settings=noted,
        )  # fmt: skip
        _tell_lost(output, 0 if note is None else note.run, batch.run_id)
        show = partial(_show, target) if output_format == "jsonl" else None
        try:
            with Reporter(len(found), show) as reporter, closing(batch.run(found)) as finished:
                for one in finished:
                    told[one.position] = True
                    mistaken.update(claimed(one.result.notes))
                    lacking.update(not_installed(one.result))
                    drifted += is_of_numpy(one.result)
                    reporter.tell(one.position, one.result)
        finally:
            update_manifest(output, gathered.manifest.only({one.student for one in itertools.compress(found, told)}))
    _tell_of_all(batch.undated, mistaken, lacking, drifted, len(found))
    if output_format == "text":
        write_stdout(_summary(batch, output) + "\n")
    if batch.statuses[Status.NOT_GRADED]:
        return NOT_GRADED
    return UNREADABLE if batch.statuses[Status.UNREADABLE] or gathered.refused else DONE


def _fitting(paths: Sequence[Path], output: Path, system: System | None, folder: Path | None) -> str:
    """What to pass for -a: what the notebooks look like, as far as they can be read."""
    from grader import assignments, recognition
    from grader.lms.intake.gathering import gather
    from grader.lms.intake.handin import Wanted
    from grader.work import read

    found = gather(paths, Wanted(), output=output, system=system).submissions
    inputs = (read(submission) for submission in found[:_LOOKED_AT])
    return recognition.tell_many((given.notebook for given in inputs if given.notebook is not None), assignments.list_profiles(folder))


def _tell_passed_over(gathered: Gathered) -> None:
    from grader.lms.names import shown

    for member in gathered.refused:
        click.echo(f"warning: {shown(member.file)} was passed over: {member.why}", err=True)
    if gathered.strays:
        more = f" and {len(gathered.strays) - 5} more" if len(gathered.strays) > 5 else ""
        named = ", ".join(shown(one.file, 80) for one in gathered.strays[:5])
        what = "1 file that is" if len(gathered.strays) == 1 else f"{len(gathered.strays)} files that are"
        click.echo(f"note: {what} nobody's: {named}{more}", err=True)
    for who, what in ((gathered.absent, "in the roster, and handed in nothing"), (gathered.unlisted, "handed in, and not in the roster")):
        if who:
            click.echo(f"note: {len(who)} {what}: {', '.join(who[:20])}{' …' if len(who) > 20 else ''}", err=True)


def _tell_of_all(undated: int, mistaken: Counter[str], lacking: Counter[str], drifted: int, total: int) -> None:
    """Of how many there is no time, how many look like another assignment's, and how many lack a module or an older NumPy."""
    if undated:
        click.echo(f"note: no recorded time for {undated} of {total}; nothing is taken off for lateness there", err=True)
    for other, count in mistaken.most_common():
        click.echo(f"warning: {count} of {total} notebooks look like {other}: grade these with -a {other}", err=True)
    for module, count in lacking.most_common(5):
        told = f"{count} of {total} lose points for {module}, which is not installed here: install it and grade again"
        click.echo(f"warning: {told}", err=True)
    if drifted:
        why = "stop where an array stands for a number, which NumPy before 2.4 takes if it has one element"
        click.echo(f"warning: {drifted} of {total} {why}: install such a NumPy and grade again", err=True)


def _tell_lost(output: Path, last: int, run: int) -> None:
    """Says that the gradebook is not the one that the folder's last run was kept in."""
    if run <= last:
        unknown = f"{output} holds results of run {last}, which this gradebook does not know"
        click.echo(f"warning: {unknown}; attempts and overrides of before are not in it", err=True)


def _tell_strangers(assignment: Assignment, students: Iterable[str]) -> None:
    """Says whose extension is nobody's: a slip of the pen there would cost a student points."""
    from grader.late import key_of
    from grader.lms.names import shown

    if assignment.late is None or not assignment.late.extensions:
        return
    known = {key_of(student): student for student in students}
    strange = sorted(assignment.late.extensions.keys() - known.keys())
    if not strange:
        return
    near = {one: nearest(one, list(known)) for one in strange[:5]}
    named = [shown(one, 60) + (f" (did you mean {shown(known[like], 60)}?)" if like else "") for one, like in near.items()]
    where = "with an extension, and neither in the submissions nor in a roster"
    more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
    click.echo(f"note: {len(strange)} {where}: {', '.join(named)}{more}", err=True)


def _timed(path: Path, assignment: Assignment, found: Sequence[Submission]) -> tuple[Assignment, Sequence[Submission], Sequence[str]]:
    """The assignment with the roster's extensions, the submissions with its times, where it has any, and who is in it."""
    import msgspec

    from grader.roster import has_times, read_roster

    if not has_times(path):
        return assignment, found, ()
    roster = read_roster(path, assignment.late.zone if assignment.late else None)
    if assignment.late is not None:
        assignment = msgspec.structs.replace(assignment, late=roster.extend(assignment.late))
    return assignment, roster.match(found).submissions, list(roster.rows)


def _show(target: Output, student: str) -> None:
    write_stdout(target.read(student).decode("utf-8"))


def _begin(stack: ExitStack, assignment: Assignment, settings: Settings) -> PreforkSandbox | None:
    """The sandbox that those of the workers are forks of; it starts while this process imports the rest."""
    from grader.kit import choose_opening

    root = choose_opening(assignment, settings)[0].open_root()
    return None if root is None else stack.enter_context(root)


def _hire(stack: ExitStack, kit: Kit, jobs: int, root: PreforkSandbox) -> Executor:
    """Workers that get ready while this process reads the first submissions, and before it has another thread, which no fork would have."""
    from grader.executors import LocalExecutor

    executor = LocalExecutor(kit, jobs, root)
    stack.callback(executor.close)
    executor.hire()
    return executor


def _executor(kit: Kit, cluster: str | None, jobs: int) -> Executor:
    if cluster is not None:
        from grader.cluster import ClusterExecutor

        return ClusterExecutor(kit, cluster)
    from grader.executors import LocalExecutor

    return LocalExecutor(kit, jobs, kit.opening.open_root())


def _warn(kit: Kit, walls: str) -> None:
    if kit.opening.walls == "none":
        click.echo("warning: student code runs without walls", err=True)
    elif kit.without_walls and walls == "auto":
        click.echo(f"note: student code runs behind the weaker landlock walls ({kit.without_walls}); see grader doctor", err=True)


def _summary(batch: Batch, output: Path) -> str:
    from grader.output import count

    kept = f" ({batch.kept} kept from an earlier run)" if batch.kept else ""
    mean = "" if batch.mean is None else f", mean {batch.mean:.2f} of {batch.points:g}"
    return f"{count(batch.statuses)}{kept}{mean}\nrun {batch.run_id}, results: {output / 'index.html'}"
