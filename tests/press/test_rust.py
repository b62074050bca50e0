"""Rust examples, by the real compiler: rustdoc's rules, and the article's own lines."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from press import prove
from press.crates import DEBIAN, _known, toolchain
from press.examples import examples, find
from press.languages import languages
from press.merging import program
from press.model import Example, Proof, Setting, Verdict, Workshop
from press.problems import Code, Problem, SourceText
from tests.conftest import REPOSITORY, Publication

needs_rustc = pytest.mark.skipif(not shutil.which("rustc"), reason="rustc is not installed")
needs_tokio = pytest.mark.skipif(
    not list(DEBIAN.glob("tokio-1*")), reason="librust-tokio-dev is not installed"
)
needs_debian = pytest.mark.skipif(
    not list(DEBIAN.glob("scopeguard-1*")) or not list(DEBIAN.glob("log-0*")),
    reason="crates of Debian are not installed",
)
TOKIO: Mapping[str, object] = {"tokio": {"version": "1", "features": ["full"]}}
QUESTION = (
    'let answer: i32 = "{}".parse()?;\nprintln!("{{answer}}");\n'
    "# Ok::<(), std::num::ParseIntError>(())"
)
INNER = 'mod inner {\n    pub fn main() { println!("inner"); }\n}\ninner::main();'
SHARED = REPOSITORY / ".cache"
"""Where the repository's own build has its crates: they take long to make."""


def found(text: str, crates: Mapping[str, object] | None = None) -> list[Example]:
    source = SourceText("content/000-a.md", text)
    body, problems = find(source, 1, languages())
    made, more = examples(source, body.fences, languages(), Setting(crates=crates or {}))
    assert not problems + more
    return list(made)


def run(tmp_path: Path, code: str, words: str = "", after: str = "") -> Proof:
    [proof] = prove.prove(found(f"```rust{words}\n{code}\n```\n{after}"), Workshop(tmp_path))
    return proof


def problem(tmp_path: Path, text: str) -> Problem:
    [one] = prove.problems(prove.prove(found(text), Workshop(tmp_path)))
    return one


@needs_rustc
@pytest.mark.parametrize(
    ("code", "output"),
    [
        ('fn main() { println!("{}", 6 * 7); }', "42\n"),
        ('println!("no main");', "no main\n"),
        ("", ""),
        ('fn helper() -> u8 { 1 }\nprintln!("{}", helper());', "1\n"),
        ('# let hidden = 3;\nprintln!("{hidden}");', "3\n"),
        ("#![allow(dead_code)]\n#[derive(Debug)]\nstruct A;\nprintln!(\"{:?}\", A);", "A\n"),
        ('eprintln!("elsewhere");', ""),
        (QUESTION.format("42"), "42\n"),
        (INNER, "inner\n"),
        ('/*\nfn main() {}\n*/\nprintln!("x");', "x\n"),
        ('let a = "\nfn main() {}\n";\nprintln!("{}", a.len());', "14\n"),
        ("#![allow(dead_code)]\nmod a {\n    #![allow(unused)]\n}\nfn main() {}", ""),
        ("mod a {\n    #![allow(unused)]\n}\nprintln!();", "\n"),
    ],
)  # fmt: skip
def test_it_runs(tmp_path: Path, code: str, output: str) -> None:
    proof = run(tmp_path, code)
    assert (proof.verdict, proof.output) == (Verdict.PROVEN, output), proof


@needs_rustc
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (",should_panic", "panic!();"),
        (",should_panic", "let v: Vec<u8> = vec![]; println!(\"{}\", v[0]);"),
        (",no_run", "loop {}"),
        (",compile_fail", "let x: u8 = \"a\";"),
        (",compile_fail,E0308", "let x: u8 = \"a\";"),
        (",compile_fail,E0382", "let a = vec![1]; let b = a; println!(\"{a:?}{b:?}\");"),
        (",standalone_crate", "assert!(true);"),
        (",should_panic", QUESTION.format("x")),
        (",should_panic", "std::panic::set_hook(Box::new(|_| {}));\npanic!();"),
        (",should_panic", "std::panic::resume_unwind(Box::new(1));"),
        (",edition2018", "let async_ = 1; let r#gen = async_; assert_eq!(r#gen, 1);"),
        (" compile_fail", "let greeting"),
    ],
)  # fmt: skip
def test_it_keeps_to_rustdocs_words(tmp_path: Path, words: str, code: str) -> None:
    assert run(tmp_path, code, words).verdict is Verdict.PROVEN


@needs_rustc
@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ("", "let x: u8 = \"a\";", "it does not compile: mismatched types"),
        ("", "panic!(\"at once\");", "it panicked: at once"),
        ("", "std::process::exit(3);", "exit status 3"),
        ("", "std::process::abort();", "ended by SIGABRT"),
        (" timeout=0.3", "loop {}", "still running after 0.3 seconds"),
        (",no_run", "let x: u8 = \"a\";", "it does not compile"),
        (",should_panic", "", "it should panic, and did not"),
        (",should_panic", "std::process::exit(1);", "it should panic, and did not"),
        (",should_panic", "std::process::exit(101);", "it should panic, and did not"),
        (",compile_fail", "", "it compiles, though it is marked `compile_fail`"),
        (",compile_fail,E0382", "let x: u8 = \"a\";", "it is refused with E0308, not E0382"),
        (",compile_fail,E0382", "let = 1;", "it is refused with no code, not E0382"),
    ],
)  # fmt: skip
def test_it_fails(tmp_path: Path, words: str, code: str, reason: str) -> None:
    proof = run(tmp_path, code, words)
    assert proof.verdict is Verdict.FAILED
    assert reason in proof.reason


@needs_rustc
def test_an_output_has_to_agree(tmp_path: Path) -> None:
    assert run(tmp_path, 'println!("a");', after="```output\na\n```\n").verdict is Verdict.PROVEN
    proof = run(tmp_path, 'println!("a");', after="```output\nb\n```\n")
    assert (proof.verdict, proof.line) == (Verdict.FAILED, 4)


@needs_rustc
def test_the_compilers_messages_are_in_terms_of_the_article(tmp_path: Path) -> None:
    text = 'one\n\n- two\n\n  ```rust\n  let a = 1;\n    let x: u8 = "a";\n  ```\n'
    one = problem(tmp_path, text)
    assert (one.code, one.path, one.line, one.column) == (
        Code.EXAMPLE_FAILED, "content/000-a.md", 7, 5,
    )  # fmt: skip
    assert "--> content/000-a.md:7:" in one.message
    assert one.excerpt == '    let x: u8 = "a";'


@needs_rustc
@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("struct A;\nassert_eq!(A, A);", 2),
        ('println!("b");\nprintln!("a {}");\nprintln!("b");', 2),
        ("struct A;\nlet a =\n    vec![1, A];", 3),
        ("macro_rules! m {\n    ($a:expr) => { let b: u8 = $a; };\n}\nm!(1);\n\nm!(vec![]);", 6),
    ],
)
def test_an_error_within_a_macro_is_at_the_line_that_calls_it(
    tmp_path: Path, code: str, line: int
) -> None:
    good = "```rust\nlet a = 1;\n```\n"
    text = "\n" * 150 + 2 * good + f"```rust\n{code}\n```\n"
    proofs = prove.prove(found(text), Workshop(tmp_path), workers=1)
    *goods, bad = sorted(proofs, key=lambda proof: proof.example.fence.line)
    assert all(one.verdict is Verdict.PROVEN for one in goods)
    assert "does not compile" in bad.reason
    assert bad.line == bad.example.fence.line + line


@needs_rustc
def test_what_tells_that_it_is_compiled_with_others_is_compiled_alone(tmp_path: Path) -> None:
    code = "assert_eq!(std::env::args_os().len(), 2);"
    text = "```rust\nlet a = 1;\n```\n" + f"```rust\n{code}\n```\n"
    proofs = prove.prove(found(text), Workshop(tmp_path), workers=1)
    assert sorted(one.verdict for one in proofs) == [Verdict.FAILED, Verdict.PROVEN]


@needs_rustc
def test_a_panic_is_at_the_articles_line(tmp_path: Path) -> None:
    one = problem(tmp_path, 'one\n\n```rust\nlet a = 1;\nassert_eq!(a, 2, "no");\n```\n')
    assert (one.line, one.column) == (5, 1)
    assert str(tmp_path) not in str(one)


@needs_rustc
def test_it_knows_none_of_the_authors_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    code = 'println!("{:?}", std::env::var("TOKEN").is_err());'
    assert run(tmp_path, code).output == "true\n"


@pytest.mark.parametrize("word", ["ignore", "ignore-windows"])
def test_it_is_left_out_by_rustdocs_word(tmp_path: Path, word: str) -> None:
    proof = run(tmp_path, "nothing that compiles", f",{word}")
    assert (proof.verdict, proof.reason) == (Verdict.SKIPPED, f"marked `{word}`")


def test_without_a_compiler_it_is_not_proven_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    proof = run(tmp_path, "fn main() {}")
    assert (proof.verdict, proof.reason) == (Verdict.NOT_PROVEN, "there is no rustc here")
    monkeypatch.undo()
    if shutil.which("rustc"):  # and that is not remembered
        assert run(tmp_path / "other", "fn main() {}").verdict is Verdict.PROVEN


@needs_rustc
def test_a_crate_that_is_not_to_be_had_is_named(tmp_path: Path) -> None:
    text = "```rust\nuse no_such_crate_here::x;\n```\n```rust\nlet a = 1;\n```\n"
    wanted = {"no-such-crate-here": "1"}
    first, second = prove.prove(found(text, wanted), Workshop(tmp_path))
    assert first.verdict is Verdict.NOT_PROVEN
    why = "no matching package named `no-such-crate-here` found"
    assert first.reason == f"the crate `no_such_crate_here` can't be had: {why}"
    assert second.verdict is Verdict.PROVEN


@needs_rustc
@needs_debian
@pytest.mark.parametrize(
    ("name", "wanted", "reason"),
    [
        ("nosuch", "1", "no matching package named `nosuch` found"),
        ("log", "99", 'failed to select a version for the requirement `log = "^99"`'),
        ("log", {"version": "0", "features": ["nosuch"]}, "does not have that feature"),
        ("log", {"versoin": "0"}, "dependency (log) specified without providing"),
        ("log", 3, "invalid type: integer `3`"),
    ],
)
def test_one_crate_that_is_not_to_be_had_takes_no_other_with_it(
    tmp_path: Path, name: str, wanted: object, reason: str
) -> None:
    text = f"```rust\nuse {name}::x;\n```\n```rust\nuse scopeguard::guard;\n```\n"
    crates = {name: wanted, "scopeguard": "1"}
    proofs = prove.prove(found(text, crates), Workshop(tmp_path))
    first, second = sorted(proofs, key=lambda proof: proof.example.fence.line)
    assert first.verdict is Verdict.NOT_PROVEN
    assert f"the crate `{name}` can't be had: " in first.reason
    assert reason in first.reason
    assert str(tmp_path) not in first.reason
    assert second.verdict is Verdict.PROVEN


@needs_rustc
@needs_debian
def test_a_crate_that_does_not_compile_takes_no_other_with_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    (broken / "src").mkdir(parents=True)
    (broken / "Cargo.toml").write_text('[package]\nname = "inner"\nversion = "1.0.0"\n')
    (broken / "src/lib.rs").write_text("fn broken(")
    outer = tmp_path / "outer"
    (outer / "src").mkdir(parents=True)
    (outer / "Cargo.toml").write_text(
        '[package]\nname = "outer"\nversion = "1.0.0"\n[dependencies]\n'
        'inner = {path = "../broken"}\n'
    )
    (outer / "src/lib.rs").write_text("")
    tools = toolchain({"outer": {"path": str(outer)}, "scopeguard": "1"}, tmp_path)
    assert tools
    assert list(tools.crates) == ["scopeguard"]
    assert "could not compile" in tools.refused["outer"]


@needs_rustc
@needs_debian
def test_a_crate_has_the_name_that_its_library_or_its_user_gives_it(tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "src").mkdir(parents=True)
    (other / "Cargo.toml").write_text(
        '[package]\nname = "it-5"\nversion = "1.0.0"\n[lib]\nname = "it"\n'
    )
    (other / "src/lib.rs").write_text("pub fn five() -> u8 { 5 }")
    crates = {
        "it-5": {"path": str(other)},
        "guarded": {"package": "scopeguard", "version": "1"},
    }
    text = '```rust\nprintln!("{}", *guarded::guard(it::five(), |_| ()));\n```\n'
    for _ in range(2):  # as it is made, and as it is remembered
        [proof] = prove.prove(found(text, crates), Workshop(tmp_path), afresh=True)
        assert (proof.verdict, proof.output) == (Verdict.PROVEN, "5\n"), proof
        _known.clear()


@needs_rustc
def test_a_crate_that_nobody_declared_is_a_failure(tmp_path: Path) -> None:
    proof = run(tmp_path, "use no_such_crate_here::x;")
    assert proof.verdict is Verdict.FAILED


@needs_rustc
@needs_tokio
def test_a_crate_of_debian_is_built_once_and_linked() -> None:
    text = '```rust\n#[tokio::main]\nasync fn main() { println!("{}", async { 1 }.await); }\n```\n'
    [proof] = prove.prove(found(text, TOKIO), Workshop(SHARED), afresh=True)
    assert (proof.verdict, proof.output) == (Verdict.PROVEN, "1\n"), proof
    tools = toolchain(TOKIO, SHARED)
    assert tools
    made = tools.crates["tokio"].stat().st_mtime_ns
    _known.clear()
    again = toolchain(TOKIO, SHARED)
    assert again
    assert again.crates["tokio"].stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("fn main() {}", ["", "#![allow(unused)]", "fn main() {}", ""]),
        ("let a = 1;", ["", "#![allow(unused)] fn main() {", "let a = 1;", "", "}"]),
        ("#![x]\na;", ["", "#![allow(unused)] #![x] fn main() {", "", "a;", "", "}"]),
        (
            "# use a;\n#\n##b\n#[c]",
            ["", "#![allow(unused)] fn main() {", "use a;", "", "#b", "#[c]", "", "}"],
        ),
        ("async fn main() {}", ["", "#![allow(unused)]", "async fn main() {}", ""]),
    ],
)  # fmt: skip
def test_each_line_of_a_program_is_where_it_is_in_the_article(code: str, lines: list[str]) -> None:
    [example] = found(f"\n```rust\n{code}\n```\n")
    assert program(example).split("\n") == lines


def test_hidden_lines_are_not_shown(publication: Publication) -> None:
    body = "```rust,ignore\n# use hidden::x;\nlet shown = 1;\n#[test]\n## twice\n```\n"
    publication.article("000-a", body)
    for path in ("a.html", "feed.xml"):
        page = publication.page(path)
        assert "hidden" not in page
        for words in ("shown", "test", "twice"):
            assert words in page


@needs_rustc
def test_a_compiler_that_does_not_come_to_a_verdict_has_refused_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = toolchain({}, tmp_path)
    assert tools
    gone = replace(tools, rustc="/no/rustc/here")
    monkeypatch.setattr("press.languages.rust.toolchain", lambda *_: gone)
    proof = run(tmp_path, "let a = 1;", ",compile_fail")
    assert proof.verdict is Verdict.FAILED
    assert "the compiler broke off" in proof.reason


@needs_rustc
def test_a_skip_would_pass_if_it_printed_what_is_shown(tmp_path: Path) -> None:
    one = '```rust skip=later\nprintln!("2");\n```\n'
    text = f"{one}{one}```output\n1\n```\n{one}```output\n2\n```\n"
    proofs = prove.prove(found(text), Workshop(tmp_path))
    assert [proof.passes for proof in proofs] == [True, False, True]
