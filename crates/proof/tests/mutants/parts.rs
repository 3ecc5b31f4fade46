//! Names of the parts of the protocol.

use fedproof_proof::{Key, Part};

const FIXED: &[(&str, Part)] = &[
    ("SUM", Part::HelperSum),
    ("R-X", Part::Inputs),
    ("R-S1A", Part::Contractions),
    ("R-AD", Part::Factors),
    ("R-S1B", Part::VirtualWeights),
    ("R-S2", Part::Rows),
    ("R-COL", Part::Columns),
    ("R-TAB", Part::KeyTable),
    ("R-LINK", Part::Links),
    ("R-COUNT", Part::Count),
    ("R-DEG", Part::Degree),
    ("A3", Part::DegreeOpening),
];

fn named(prefix: char, parts: impl Iterator<Item = (usize, Part)>) -> Vec<(String, Part)> {
    parts.map(|(i, part)| (format!("{prefix}{i}"), part)).collect()
}

/// All parts of a training proof.
pub fn training(key: &Key) -> Vec<(String, Part)> {
    let mut out = named('H', (0..key.layout().helpers.len()).map(|g| (g, Part::Helper(g))));
    out.extend(named('C', (1..=5).map(|i| (i, Part::Constraint(i)))));
    out.extend(FIXED.iter().map(|&(name, part)| (name.to_string(), part)));
    // Without hidden layers there is no backward pass, with squared error no table in the key.
    let shallow = key.program().layers() == 1;
    out.retain(|(name, _)| match name.as_str() {
        "R-LINK" | "C4" => !shallow,
        "R-TAB" => key.table().is_some(),
        _ => true,
    });
    out
}

/// All parts of a registration proof.
pub fn registration(key: &Key) -> Vec<(String, Part)> {
    let layout = key.registration();
    let constraints = if layout.targets_in_range { layout.data } else { 2 * layout.data };
    let mut out = named('H', (0..layout.helpers.len()).map(|g| (g, Part::Helper(g))));
    out.extend(named('C', (1..=constraints).map(|i| (i, Part::Constraint(i)))));
    let common = ["SUM", "R-S2", "R-COL", "R-COUNT"];
    out.extend(FIXED.iter().filter(|(name, _)| common.contains(name)).map(|&(name, part)| (name.to_string(), part)));
    if layout.one_hot {
        out.push(("R-HOT".into(), Part::OneHot));
    }
    out
}
