//! bindgen, which asks clang what the header says, against the declarations that our own generator wrote.
#![cfg(test)]
use std::collections::BTreeMap;
use syn::{Expr, ForeignItem, Item, ReturnType, Type};

const HEADER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../include/bytestride.h");
const OURS: &str = include_str!("../../../ffi/rust/bytestride-sys/src/generated.rs");

/// What a file declares, by name and as text: functions, structs, aliases, constants.
type Declarations = BTreeMap<String, String>;

/// A type without the path to its name: `*const bytestride_array`, `[i64; 8]`.
fn text_of(kind: &Type) -> String {
    match kind {
        Type::Ptr(pointer) => format!("*{} {}", if pointer.mutability.is_some() { "mut" } else { "const" }, text_of(&pointer.elem)),
        Type::Array(array) => format!("[{}; {}]", text_of(&array.elem), number(&array.len)),
        Type::Path(path) => path.path.segments.last().unwrap().ident.to_string(),
        other => panic!("a type that the header does not have: {other:?}"),
    }
}

fn number(expression: &Expr) -> i64 {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Int(digits) => digits.base10_parse().unwrap(),
            other => panic!("not a number: {other:?}"),
        },
        Expr::Unary(unary) => -number(&unary.expr),
        other => panic!("not a number: {other:?}"),
    }
}

fn declarations(text: &str) -> Declarations {
    let mut found = Declarations::new();
    for item in syn::parse_file(text).unwrap().items {
        match item {
            Item::ForeignMod(block) => {
                for function in block.items {
                    let ForeignItem::Fn(function) = function else { panic!("not a function") };
                    let signature = function.sig;
                    let parameters: Vec<String> = signature
                        .inputs
                        .iter()
                        .map(|input| match input {
                            syn::FnArg::Typed(typed) => text_of(&typed.ty),
                            other => panic!("{other:?}"),
                        })
                        .collect();
                    let result = match &signature.output {
                        ReturnType::Default => "()".to_owned(),
                        ReturnType::Type(_, kind) => text_of(kind),
                    };
                    found.insert(signature.ident.to_string(), format!("fn({}) -> {result}", parameters.join(", ")));
                }
            }
            Item::Struct(item) => {
                let fields: Vec<String> =
                    item.fields.iter().map(|field| format!("{}: {}", field.ident.as_ref().unwrap(), text_of(&field.ty))).collect();
                found.insert(item.ident.to_string(), format!("struct {{ {} }}", fields.join(", ")));
            }
            Item::Type(item) => {
                found.insert(item.ident.to_string(), text_of(&item.ty));
            }
            // The type of a constant is a matter of taste, its value is not.
            Item::Const(item) => {
                found.insert(item.ident.to_string(), number(&item.expr).to_string());
            }
            Item::Use(_) => {}
            other => panic!("an item that the header does not have: {other:?}"),
        }
    }
    found
}

#[test]
fn the_same_declarations() {
    let theirs = bindgen::builder()
        .header(HEADER)
        .allowlist_item("(bytestride|BYTESTRIDE)_.*")
        .blocklist_item("BYTESTRIDE_H|BYTESTRIDE_API")
        .layout_tests(false)
        .generate_comments(false)
        .use_core()
        .generate()
        .expect("bindgen reads the header")
        .to_string();
    let (ours, theirs) = (declarations(OURS), declarations(&theirs));
    assert!(ours.len() > 80, "{} declarations", ours.len());
    for (name, text) in &theirs {
        assert_eq!(ours.get(name), Some(text), "{name}");
    }
    for name in ours.keys() {
        assert!(theirs.contains_key(name), "{name} is not in the header");
    }
}
