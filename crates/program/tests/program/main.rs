//! Properties of programs and of all that follows from them.

mod bounds;
mod cost;
mod distance;
mod encoding;
mod layout;
mod masks;
mod regions;
mod schedule;
mod strategy;
mod tables;
