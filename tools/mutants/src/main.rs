//! Mutation tests compiled once: every mutant of the files given is written into them, switched on by the environment variable MUTANT.
//!
//! `mutants LIST FILE...` rewrites the files in place (run it on a copy of the tree) and writes LIST: number, file, line, column, what.
//! The crates' `lib.rs` get the function `mutant`. How it is driven: `tools/mutants.py`; what it found: docs/mutation.md.

mod site;
mod sites;

use sites::Sites;
use std::fs::{read_to_string, write};
use std::{env, io};
use syn::visit_mut::VisitMut;

/// In every crate: is this the mutant that runs?
const SWITCH: &str = r#"
/// Whether the environment asks for this mutant.
pub(crate) fn mutant(number: u32) -> bool {
    static ASKED: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *ASKED.get_or_init(|| std::env::var("MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0)) == number
}
"#;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let list = arguments.next().ok_or_else(|| io::Error::other("mutants LIST FILE..."))?;
    let mut sites = Sites::default();
    for path in arguments {
        let text = read_to_string(&path)?;
        let mut file = syn::parse_file(&text).map_err(io::Error::other)?;
        sites.begin(&path);
        sites.visit_file_mut(&mut file);
        let switch = if path.ends_with("/lib.rs") { SWITCH } else { "" };
        write(&path, format!("{}\n{switch}", quote::quote!(#file)))?;
    }
    write(list, sites.list())
}
