//! Verdicts on the cases of standard input, one line each on standard output: `accepted HEX` or the error's name and numbers. Where a
//! case names tau, the line is `forged HEX` instead, with the last point that makes the proof accepted, or the error.
//!
//! A case: kind (1), then program, table, setup, statement, file and tau (empty or 32 bytes), each after its length (u32, big-endian).

use ark_bn254::Fr;
use ark_ff::PrimeField;
use fedproof_fuzz::{forge, verdict, Case};
use fedproof_transcript::ProofKind;
use rayon::prelude::*;
use std::io::{Error, ErrorKind, Read, Write};

const FIELDS: usize = 6;

fn malformed() -> Error {
    Error::new(ErrorKind::InvalidData, "not a list of cases")
}

/// Splits off one case.
fn next<'a>(bytes: &mut &'a [u8]) -> Option<(Case<'a>, &'a [u8])> {
    let (&kind, mut rest) = bytes.split_first()?;
    let mut fields = [&[][..]; FIELDS];
    for field in &mut fields {
        let (length, tail) = rest.split_first_chunk::<4>()?;
        (*field, rest) = tail.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    }
    *bytes = rest;
    let [program, table, setup, statement, file, tau] = fields;
    Some((Case { kind: ProofKind::from_code(kind)?, program, table, setup, statement, file }, tau))
}

fn line((case, tau): &(Case<'_>, &[u8])) -> String {
    let (word, result) = match tau {
        [] => ("accepted", verdict(case)),
        tau => ("forged", forge(case, Fr::from_be_bytes_mod_order(tau)).map(|point| point.to_vec())),
    };
    match result {
        Ok(bytes) => format!("{word} {}\n", hex::encode(bytes)),
        Err(refusal) => format!("{}\n", refusal.words()),
    }
}

fn main() -> Result<(), Error> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let (mut rest, mut cases) = (bytes.as_slice(), Vec::new());
    while !rest.is_empty() {
        cases.push(next(&mut rest).ok_or_else(malformed)?);
    }
    let lines: Vec<String> = cases.par_iter().map(line).collect();
    std::io::stdout().write_all(lines.concat().as_bytes())
}
