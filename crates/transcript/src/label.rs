//! Every label of `docs/protocol.md`, section 7. Names are of what is labelled; challenges carry their letter.

macro_rules! labels {
    ($list:ident: $($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        $($(#[$doc])* pub const $name: u8 = $value;)*
        /// Names and values of the labels of this kind, in order.
        pub const $list: &[(&str, u8)] = &[$((stringify!($name), $value)),*];
    };
}

labels! { ABSORBED:
    /// The statement.
    STATEMENT = 0x01;
    /// Commitments of the trace columns (registration: of mu).
    TRACE = 0x10;
    /// [W_out], the commitment of the update.
    UPDATE = 0x11;
    /// [m], the commitment of the mask vector.
    MASK = 0x12;
    /// Commitments of the helpers.
    HELPERS = 0x13;
    /// v_zeta, the value of the degree check.
    DEGREE = 0x14;
    /// S1a folds (index i).
    S1A_FOLD = 0x20;
    /// S1a values X, W of every term.
    S1A_VALUES = 0x21;
    /// S1b folds (index i).
    S1B_FOLD = 0x22;
    /// S1b values A, D of every term.
    S1B_VALUES = 0x23;
    /// S2 folds (index i).
    S2_FOLD = 0x24;
    /// S2 values of every column, y, v.
    S2_VALUES = 0x25;
    /// vtab, the value of the key's table vector.
    TABLE_VALUE = 0x26;
    /// S3 folds (index i).
    S3_FOLD = 0x27;
    /// [S'].
    S_PRIME = 0x30;
    /// e1, the value of A1 at z.
    E1 = 0x31;
    /// [h], the quotient.
    QUOTIENT = 0x32;
    /// [w], the opening.
    OPENING = 0x33;
}

labels! { DRAWN:
    /// alpha of the lookups.
    ALPHA = 0x40;
    /// gamma, which joins the parts of a lookup.
    GAMMA = 0x41;
    /// zeta of the degree check.
    ZETA = 0x42;
    /// omega, which joins the vectors of the update.
    OMEGA = 0x43;
    /// rho_t (index i).
    RHO_T = 0x44;
    /// rho_b (index i).
    RHO_B = 0x45;
    /// rho_j (index 256 layer + i).
    RHO_J = 0x46;
    /// u, the point of the weight table (index i).
    U = 0x47;
    /// eta, which joins the terms of S1a.
    ETA = 0x48;
    /// tau, the point of S2 (index i).
    TAU = 0x49;
    /// chi, which joins the constraints of S2.
    CHI = 0x4a;
    /// kappa, which joins the terms of S1b.
    KAPPA = 0x4b;
    /// xi, which joins the linear relations.
    XI = 0x4c;
    /// Fold challenges of S1a (index i).
    S1A_CHALLENGE = 0x50;
    /// Fold challenges of S1b (index i).
    S1B_CHALLENGE = 0x51;
    /// Fold challenges of S2 (index i).
    S2_CHALLENGE = 0x52;
    /// Fold challenges of S3 (index i).
    S3_CHALLENGE = 0x53;
    /// z, where the opening identity is checked.
    Z = 0x54;
    /// nu, which joins the three openings.
    NU = 0x55;
    /// x, where the joined opening is checked.
    X = 0x56;
    /// rho_rec, the point of the one-hot relation (index i).
    RHO_REC = 0x57;
}

/// Index of rho_j's challenge i of a layer; layers are at most 16 and points at most 17 long, so indices never meet.
pub fn rho_j_base(layer: u8) -> u16 {
    u16::from(layer) << 8
}
