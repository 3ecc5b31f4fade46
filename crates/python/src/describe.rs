//! `Program.describe`: every field of a program, and what follows from it.

use fedproof_program::{soundness_bits, CloseLayout, Cost, Direction, Kernel, Layout, Program, RegistrationLayout};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Bytes of a proof file before its body.
const FILE_HEAD: usize = 11;

fn fields(out: &Bound<'_, PyDict>, p: &Program) -> PyResult<()> {
    out.set_item("loss", p.loss.name())?;
    out.set_item("one_hot", p.one_hot)?;
    out.set_item("dims", p.dims.clone())?;
    out.set_item("activations", p.activations.iter().map(|a| a.name()).collect::<Vec<_>>())?;
    out.set_item("weights", p.loss_weights.clone())?;
    match &p.kernel {
        Kernel::Plain(k) => out.set_item("kernel", k)?,
        Kernel::Explicit { fraction_bits, taps, decay } => out.set_item("kernel", (fraction_bits, taps, decay))?,
    }
    for (name, value) in [
        ("steps", p.steps as u64),
        ("batch", p.batch as u64),
        ("blocks", p.blocks as u64),
        ("bits", p.bits.into()),
        ("limb_bits", p.limb_bits.into()),
        ("weight_bits", p.weight_bits.into()),
        ("scale_bits", p.scale_bits().into()),
        ("activation_bits", p.activation_bits.into()),
        ("delta_bits", p.delta_bits.into()),
        ("bound_bits", p.bound_bits.into()),
        ("openings", p.openings as u64),
        ("group", p.group as u64),
        ("vector_bits", p.vector_bits as u64),
        ("huber", p.huber.into()),
    ] {
        out.set_item(name, value)?;
    }
    Ok(())
}

fn region_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "forward",
        Direction::Backward => "backward",
        Direction::Derivative => "derivative",
        Direction::Exponential => "exponential",
        Direction::Quotient => "quotient",
        Direction::Difference => "difference",
    }
}

fn cost<'py>(py: Python<'py>, cost: &Cost) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    for (name, value) in [
        ("full_points", cost.full_points),
        ("small_points", cost.small_points),
        ("row_products", cost.row_products),
        ("cell_products", cost.cell_products),
        ("memory", cost.memory),
        ("gas", cost.gas),
    ] {
        out.set_item(name, value)?;
    }
    out.set_item("core_seconds", cost.core_seconds())?;
    Ok(out)
}

pub fn describe<'py>(py: Python<'py>, p: &Program) -> PyResult<Bound<'py, PyDict>> {
    let layout = Layout::of(p);
    let registration = RegistrationLayout::of(p, &layout);
    let out = PyDict::new(py);
    fields(&out, p)?;
    for (name, value) in [
        ("parameters", (1..p.dims.len()).map(|i| (p.dims[i - 1] + 1) * p.dims[i]).sum()),
        ("rows", 1usize << layout.c),
        ("trace_rows", layout.trace_rows),
        ("vectors", layout.columns.vectors),
        ("lanes", layout.columns.lanes),
        ("columns", layout.columns.count()),
        ("helpers", layout.columns.helpers),
        ("excess_limbs", layout.columns.excess_limbs),
        ("remainder_limbs", layout.columns.limb_bits.len()),
        ("data_vectors", layout.data_vectors),
        ("weight_vectors", layout.weight_vectors),
        ("mask_length", layout.masks.len()),
        ("record_slots", 1 << layout.record.bits),
        ("setup_powers", layout.setup_powers()),
        ("proof_points", layout.proof_points()),
        ("proof_scalars", layout.proof_scalars()),
        ("proof_bytes", FILE_HEAD + layout.proof_bytes()),
        ("registration_bytes", FILE_HEAD + registration.proof_bytes()),
    ] {
        out.set_item(name, value)?;
    }
    let close = CloseLayout::of(p, &layout).ok().map(|close| FILE_HEAD + close.proof_bytes());
    out.set_item("close_bytes", close)?;
    let regions = layout.regions.iter().map(|r| (region_name(r.direction), r.layer, r.offset, 1usize << r.bits));
    out.set_item("regions", regions.collect::<Vec<_>>())?;
    let tables = layout.key_tables.iter().map(|t| (t.lane, if t.derivatives { "derivatives" } else { "activations" }));
    out.set_item("key_tables", tables.collect::<Vec<_>>())?;
    out.set_item("soundness_bits", soundness_bits(&layout))?;
    out.set_item("cost", cost(py, &Cost::of(p, &layout))?)?;
    Ok(out)
}
