//! `cargo bench -p fedproof-kzg`: microseconds per point of commitments, on 1 and on all threads, and of arkworks' for comparison.

use ark_bn254::{Fq, Fr, G1Projective};
use ark_ec::VariableBaseMSM;
use ark_ff::{Field, UniformRand};
use ark_std::test_rng;
use fedproof_kzg::{Commit, Setup};
use std::hint::black_box;
use std::time::Instant;

/// Best of some runs, in seconds, of at most two seconds together: on a busy machine the best is the one that was left alone.
fn time<T>(mut run: impl FnMut() -> T) -> f64 {
    let mut best = f64::MAX;
    let begin = Instant::now();
    for _ in 0..15 {
        let start = Instant::now();
        black_box(run());
        best = best.min(start.elapsed().as_secs_f64());
        if begin.elapsed().as_secs_f64() > 2.0 {
            break;
        }
    }
    best
}

fn field() {
    const N: u32 = 2_000_000;
    let mut rng = test_rng();
    let (mut a, b) = (Fq::rand(&mut rng), Fq::rand(&mut rng));
    let mul = time(|| {
        for _ in 0..N {
            a *= b;
        }
        a
    });
    let inverse = time(|| {
        for _ in 0..N / 1000 {
            a = a.inverse().unwrap_or(b) + b;
        }
        a
    });
    println!("Fq: multiplication {:.1} ns, inverse {:.0} ns", mul / f64::from(N) * 1e9, inverse / f64::from(N / 1000) * 1e9);
}

fn main() {
    // `cargo test --benches` and `--test` runs ask for a quick pass.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    field();
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let largest = 1 << 18;
    let setup_time = Instant::now();
    let setup = Setup::development(largest + 3);
    println!("development setup of {} powers: {:.2} s", setup.powers(), setup_time.elapsed().as_secs_f64());
    let mut rng = test_rng();
    let random: Vec<i64> = (0..largest).map(|_| i64::rand(&mut rng)).collect();
    let scalars: Vec<Fr> = (0..largest).map(|_| Fr::rand(&mut rng)).collect();
    println!(
        "{:>7} {:>7} | us per point: {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "points", "threads", "bits 0/1", "12 bits", "16 bits", "30 bits", "43 bits", "full", "arkworks"
    );
    for log in [12, 14, 16, 18] {
        let n = 1usize << log;
        for threads in if all > 1 { vec![1, all] } else { vec![1] } {
            let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else {
                return;
            };
            let per_point = |seconds: f64| format!("{:8.3}", seconds / n as f64 * 1e6);
            let mut line = vec![];
            for bits in [0, 12, 16, 30, 43] {
                let values: Vec<i64> = random[..n].iter().map(|v| if bits == 0 { v & 1 } else { v >> (64 - bits) }).collect();
                line.push(per_point(pool.install(|| time(|| setup.commit_small(&values, n, &scalars[..1])))));
            }
            line.push(per_point(pool.install(|| time(|| setup.commit(&scalars[..n])))));
            line.push(per_point(pool.install(|| time(|| G1Projective::msm(&setup.g1()[..n], &scalars[..n])))));
            println!("{n:>7} {threads:>7} |               {}", line.join(" "));
        }
    }
}
