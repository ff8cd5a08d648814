import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from report import samples
from report.golden import assert_golden, skeleton

from grader import score
from grader.chance import Normal
from grader.records import Lateness, Outcome, Verdict, WrittenAnswer
from grader.report import write_student
from grader.report.outcomes import FACES
from grader.report.repeats import said_once
from grader.report.student import MOST_TRAININGS, standing


def page(grade, folder) -> str:
    path = write_student(grade, samples.ASSIGNMENT, folder, Normal(0, 1))
    assert path == folder / "report.html"
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["ada", "marked", "unreadable", "faulty", "died"])
def test_pages_are_as_they_were(name, tmp_path):
    assert_golden(f"{name}.html", skeleton(page(getattr(samples, name)(), tmp_path)))


def test_a_late_submission_is_told_what_it_costs(tmp_path):
    late = Lateness(2, 0.5, "Handed in 2 days late: half is taken off.")
    html = page(replace(samples.ada(), late=late), tmp_path)
    assert late.sentence in html
    on_time, halved = standing(samples.ada()), standing(replace(samples.ada(), late=late))
    assert halved.earned == on_time.earned / 2
    assert halved.lost == on_time.lost + on_time.earned / 2


def test_a_problem_without_points_shows_none(tmp_path):
    (first, *rest), grade = samples.ASSIGNMENT.problems, samples.ada()
    idle = replace(first, claims=tuple(replace(claim, points=0) for claim in first.claims))
    findings = tuple(replace(one, points=0) if one.problem == first.id else one for one in grade.findings)
    assignment = replace(samples.ASSIGNMENT, problems=(idle, *rest))
    html = write_student(replace(grade, findings=findings), assignment, tmp_path).read_text(encoding="utf-8")
    assert html.count("without points") == len(first.claims)
    assert "0 of 0 points" not in html
    assert f'<a href="#problem-{first.id}"><b>{first.id}</b> </a>' in html


def test_the_same_grade_makes_the_same_bytes(tmp_path):
    assert page(samples.ada(), tmp_path / "a") == page(samples.ada(), tmp_path / "b")


@pytest.mark.parametrize("grade", samples.everybody(), ids=lambda grade: grade.submission.student)
def test_staff_detail_and_paths_never_reach_a_student(grade, tmp_path):
    secret = "STAFF-ONLY-DETAIL"
    findings = tuple(
        replace(one, verdict=replace(one.verdict, staff=secret, mistake="NAME_OF_MISTAKE")) for one in grade.findings
    )
    html = page(replace(grade, findings=findings), tmp_path)
    assert secret not in html and "NAME_OF_MISTAKE" not in html
    assert str(samples.MACHINE_PATH) not in html and str(tmp_path) not in html
    assert samples.STAFF not in html


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_sign_and_a_word(outcome, tmp_path):
    fraction = {Outcome.PASSED: 1.0, Outcome.PARTIAL: 0.5}.get(outcome, 0.0)
    verdict = replace(samples.PASSED, outcome=outcome, fraction=fraction)
    html = page(samples.grade("x", "X", samples.verdicts(c1_1=verdict)), tmp_path)
    assert f'<span class="word {outcome.value}">{FACES[outcome].word}</span>' in html
    assert f'<svg class="sign {outcome.value}"' in html
    assert len({face.word for face in FACES.values()}) == len({face.path for face in FACES.values()}) == len(Outcome)


def test_what_waits_for_a_person_is_said_beside_the_points(tmp_path):
    html = page(samples.ada(), tmp_path)
    assert "<strong>7.5</strong> <span>of 16 points so far</span>" in html
    assert "4 more points wait for a person" in html
    settled = page(samples.marked(), tmp_path)
    assert "so far" not in settled and "Marked by Prof. Noether: Clear and complete." in settled


def test_standing_adds_up():
    for grade in samples.everybody():
        where = standing(grade)
        assert where.earned + where.pending + where.ours + where.lost == pytest.approx(where.points)
        assert where.points + where.unshown == grade.total


def test_hidden_findings_are_counted_but_not_told(tmp_path):
    grade = samples.ada()
    findings = tuple(replace(one, visibility="hidden") if one.key == "1.3" else one for one in grade.findings)
    html = page(replace(grade, findings=findings), tmp_path)
    assert "plain SGD" not in html and "0.001" not in html
    assert "<span>of 14 points so far</span>" in html and "2 further points rest on checks" in html


def test_an_environment_that_lacks_something_is_not_the_students_error(tmp_path):
    html = page(samples.ada(), tmp_path)
    trouble = html[html.index("<b>Cell 5</b>") :]
    assert trouble.startswith("<b>Cell 5</b> needs something that is not available where your work is run.")
    assert "not an error of yours" in trouble[:200]


def test_names_of_code_look_like_code(tmp_path):
    assert "The step size <code>lr</code> was 0.001" in page(samples.ada(), tmp_path)
    verdict = replace(samples.FAILED, found="`<b>` and `un\nclosed`")
    html = page(samples.grade("x", "X", samples.verdicts(c1_1=verdict)), tmp_path)
    assert "<code>&lt;b&gt;</code> and `un\nclosed`" in html


def test_a_fault_of_ours_is_called_ours(tmp_path):
    html = page(samples.faulty(), tmp_path)
    assert "That is our error, not yours" in html
    assert "That is our error" not in page(samples.ada(), tmp_path)
    record = replace(samples.ada().record, fault="The disk was full.")
    assert "That is our error" in page(replace(samples.ada(), record=record), tmp_path)


def test_what_several_claims_of_a_problem_remark_is_said_once(tmp_path):
    problem = samples.ASSIGNMENT.problems[0]
    shared = Verdict(Outcome.PASSED, 1.0, "Right.", remarks=("Understood: W1.", "Understood: W1."))
    findings = tuple(score.finding(problem, each, shared) for each in problem.claims[:3])
    hidden = replace(findings[0], visibility="hidden")
    assert [len(each.verdict.remarks) for each in said_once((hidden, *findings))] == [1, 1, 0, 0]
    grade = replace(samples.grade("x", "X", samples.verdicts(), samples.file_run()), findings=findings)
    assert page(grade, tmp_path).count("Understood: W1.") == 1


def test_a_training_by_hand_reads_like_one(tmp_path):
    seen = replace(samples.training(), rule="by hand")
    html = page(samples.grade("x", "X", samples.verdicts(), samples.file_run(trainings=(seen,))), tmp_path)
    assert "<p>4,000 steps by hand on <bdi>MLP</bdi>.</p>" in html


@pytest.mark.parametrize(("markdown", "shown"), [(True, "W<em>x</em>y"), (False, "W*x*y")])
def test_what_stood_in_a_comment_is_shown_as_it_was_typed(markdown, shown, tmp_path):
    answers = {"3a": WrittenAnswer("3a", "W*x*y", "by the comment", "hw3.py", markdown)}
    assert f"<p>{shown}</p>" in page(samples.grade("x", "X", samples.verdicts(), answers=answers), tmp_path)


def test_a_student_reads_when_a_person_decided(tmp_path):
    html = page(samples.marked(), tmp_path)
    assert re.findall(r"Marked by [^<]*</p>\n<p class=\"quiet\">(.*)</p>", html) == ["Decided on 2025-03-06."] * 2


def test_only_the_longest_trainings_are_drawn(tmp_path):
    runs = tuple(samples.training(seed, steps=100 * (seed + 1)) for seed in range(MOST_TRAININGS + 2))
    html = page(samples.grade("x", "X", samples.verdicts(), samples.file_run(trainings=runs)), tmp_path)
    assert html.count('<svg class="figure"') == 3 * MOST_TRAININGS
    assert "2 shorter trainings of yours are not drawn." in html
    steps = re.findall(r"<p>(\d+) steps of SGD", html)
    assert steps == ["300", "400", "500", "600"]


def test_large_outputs_are_cut(tmp_path):
    outputs = (
        samples.Output("text", "x" * 50_000),
        samples.Output("png", "A" * 2_000_000),
        samples.Output("png", "bm90IGEgcG5n"),
        samples.Output("svg", "<svg>" + "y" * 2_000_000),
    )
    cells = tuple(samples.CellRun(number, "code", "z" * 30_000, outputs) for number in range(1, 500))
    html = page(samples.grade("x", "X", samples.verdicts(), samples.file_run(cells=cells)), tmp_path)
    assert len(html) < 8_000_000
    for said in ("44,000 more characters", "too large for this page", "not a PNG", "199 further cells not shown"):
        assert said in html
    assert "this page would become too large" in html


def test_pictures_are_shown_as_data(tmp_path):
    html = page(samples.ada(), tmp_path)
    assert f'<img src="data:image/png;base64,{samples.png()}" alt="Picture drawn by cell 3">' in html


class Outline(HTMLParser):
    """Collects what a screen reader goes by."""

    def __init__(self):
        super().__init__()
        self.headings, self.landmarks, self.ids, self.references, self.scripts = [], [], [], [], 0

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("main", "nav", "footer"):
            self.landmarks.append(tag)
        self.scripts += tag == "script"
        self.ids += [named["id"]] if "id" in named else []
        self.references += named.get("aria-labelledby", "").split()
        assert not any(name.startswith("on") for name in named)
        assert tag != "img" or "src" not in named or named.get("alt")


@pytest.mark.parametrize("grade", samples.everybody(), ids=lambda grade: grade.submission.student)
def test_a_page_can_be_read_by_ear(grade, tmp_path):
    outline = Outline()
    outline.feed(page(grade, tmp_path))
    assert outline.headings[0] == 1 and outline.headings.count(1) == 1
    assert set(outline.landmarks) == {"main", "nav", "footer"}
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.references) <= set(outline.ids)
    assert outline.scripts == 0


def test_a_class_is_reported_again_in_little_time(tmp_path):
    from time import process_time

    from grader.report import prose, write_class

    grades = [replace(samples.ada(), submission=samples.submission(f"s{n}", f"S {n}")) for n in range(15)]
    write_student(grades[0], samples.ASSIGNMENT, tmp_path / "s0")
    for number in range(1, 15):
        shutil.copytree(tmp_path / "s0", tmp_path / f"s{number}")
    prose._from_markdown.cache_clear()
    started = process_time()
    for grade in grades:
        write_student(grade, samples.ASSIGNMENT, tmp_path / grade.submission.student)
    write_class(grades, samples.ASSIGNMENT, tmp_path, seconds=1.0, sandbox="userns")
    assert process_time() - started < 5
