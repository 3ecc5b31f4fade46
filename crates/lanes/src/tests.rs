use super::{Ifma, Point, Scratch};
