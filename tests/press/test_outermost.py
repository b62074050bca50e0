"""What of a Rust code is outermost, and so whether it has a `main` of its own."""

import pytest

from press.merging import HAS_MAIN
from press.outermost import outermost


@pytest.mark.parametrize(
    "code",
    [
        "fn main() {}",
        "    pub(crate) async unsafe fn main() {}",
        "fn\n/* a */ main() {}",
        "mod a { }\nfn main() {}",
        "const B: char = '{';\nfn main() {}",
        "const B: u8 = b'\\'';\nfn main() {}",
        "const B: char = '\\u{7b}';\nfn main() {}",
        'const B: &str = "{\\"{";\nfn main() {}',
        'const B: &str = r##"{"#{"##;\nfn main() {}',
        "fn a<'a, 'b>(b: &'a str, c: &'b str) {}\nfn main() {}",
        "fn a(b: &'_ str) -> &'static str { 'c: loop {} }\nfn main() {}",
        "/* { /* { */ { */ fn main() {}",
        "// {\nfn main() {}",
        "fn main<>() {}",
        "wrap! { fn main() {} }",
        "a::wrap! [\n  fn main() { if a {} }\n];",
    ],
)
def test_it_has_a_main(code: str) -> None:
    assert HAS_MAIN.search(outermost(code))


@pytest.mark.parametrize(
    "code",
    [
        "fn domain() {}",
        "fn main_too() {}",
        "mod a {\n    pub fn main() {}\n}",
        "impl A { fn main() {} }",
        "/*\nfn main() {}\n*/",
        "/* /* */\nfn main() {}\n*/",
        "/*\nfn main() {}",
        "// fn main() {}",
        'let a = "\nfn main() {}\n";',
        'let a = r#"\n"fn main() {}\n"#;',
        'let a = br"\nfn main() {}\n";',
        "macro_rules! m { () => { fn main() {} } }",
        "mod a { wrap! { fn main() {} } }",
        "wrap! { mod a { fn main() {} } }",
        'println!("fn main()");',
    ],
)
def test_it_has_none(code: str) -> None:
    assert not HAS_MAIN.search(outermost(code))


def test_each_character_is_where_it_was() -> None:
    code = "#![a(b)]\nfn c() {\n  d\n} /* e */ f!(g, {h});\n"
    kept = "#![a( )]\nfn c() {\n   \n}         f!(g, { });\n"
    assert outermost(code) == kept
