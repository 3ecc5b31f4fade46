// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs} from "./Program.sol";
import {Layout, Layouts, Region} from "./Layout.sol";
import {Scalar, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {UnitWeights, UnitWeight} from "./UnitWeights.sol";
import {RegionRows} from "./RegionRows.sol";
import {Rows} from "./Rows.sol";
import {TrainingProof} from "./Training.sol";
import {Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// Weights of the vectors of a layer's regions at r3. A region longer than a vector has several parts, a shorter one has one.
struct Part {
    uint256 layer;
    uint256 index; // which part
    Scalar[] point; // variables t, b, j of the region: those that choose the part, then r3's last
    UnitWeight units;
    Scalar atRho; // weight of t and b at (rho_t, rho_b)
    // the claims about activations and deltas, at (ra_t, rho_b) and (rb_t, rb_b)
    Scalar inputs;
    Scalar deltas;
}

/// Weights of trace columns, helpers and key tables at r3; numbers as in TrainingRelations.
library TraceRows {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Programs for Program;
    using Layouts for Layout;

    /// Every relation about a region touches only the vectors that the region lies in.
    function add(TrainingProof memory proof, Batch memory batch, Rows memory w) internal pure {
        unchecked {
            _values(proof, batch, w);
            for (uint256 i = 1; i <= proof.program.layers; ++i) {
                _layer(proof, batch, w, i);
            }
        }
    }

    /// R-COL of columns and helpers, R-TAB: eq(r2, r3).
    function _values(TrainingProof memory proof, Batch memory batch, Rows memory w) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Scalar[] memory xi = batch.xi;
            uint256 lead = lay.c - lay.n;
            uint256 first = 8 * proof.program.layers;
            Scalar cells = Multilinear.eq(proof.r2, lead, proof.r3, 0, lay.n);
            for (uint256 v = 0; v < lay.V; ++v) {
                Scalar same = cells * Multilinear.eqBits(v, proof.r2, 0, lead);
                w.columns.setProducts(v, lay.V, same, xi, first, lay.mu);
                if (v == 0) w.columns.setProducts(lay.mu * lay.V, 1, same, xi, first + lay.mu, lay.lanes);
                for (uint256 g = 0; g < lay.helpers; ++g) {
                    uint256 pos = lay.helperAt.get(g) + v;
                    if (pos < lay.helperAt.get(g + 1)) w.helpers.set(pos, xi.get(first + lay.columns + g) * same);
                }
            }
            _tables(lay, xi, first + proof.values2.length, cells * proof.lookup.gamma * proof.lookup.gamma, proof.lookup.gamma, w);
        }
    }

    /// vtab = gamma^2 TA + gamma^3 TS of each lane with tables; `same` has the gamma^2.
    function _tables(Layout memory lay, Scalar[] memory xi, uint256 first, Scalar same, Scalar gamma, Rows memory w) private pure {
        unchecked {
            uint256 k = 0;
            for (uint256 lane = 0; lane < lay.lanes; ++lane) {
                uint256 n = lay.tables.get(lane);
                if (n == 0) continue;
                Scalar weight = xi.get(first++) * same;
                w.tables.set(k++, weight);
                if (n == 2) w.tables.set(k++, weight * gamma);
            }
        }
    }

    function _layer(TrainingProof memory proof, Batch memory batch, Rows memory w, uint256 i) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 bits = lay.regionBits(i);
            uint256 lead = bits > lay.n ? bits - lay.n : 0;
            Part memory part;
            part.layer = i;
            part.point = new Scalar[](bits);
            part.point.copy(lead, proof.r3, lay.n - (bits - lead), bits - lead);
            // where a unit's variables lie within a vector, all parts share their weights
            bool shared = lay.J.get(i) <= lay.n;
            for (uint256 k = 0; k < 1 << lead; ++k) {
                part.index = k;
                part.point.setBits(0, k, lead);
                if (k == 0 || !shared) UnitWeights.compute(proof, batch, i, part.point, part.units);
                _part(proof, batch, w, part);
            }
        }
    }

    /// Weights of the part's steps and records.
    function _records(TrainingProof memory proof, Part memory part) private pure {
        unchecked {
            (uint256 tb, uint256 bb) = (proof.lay.tb, proof.lay.bb);
            Scalar[] memory point = part.point;
            UnitWeight memory units = part.units;
            Scalar records = Multilinear.eq(proof.rho, tb, point, tb, bb);
            part.atRho = records * Multilinear.eq(proof.rho, 0, point, 0, tb);
            Scalar atA = records * Multilinear.eq(proof.ra, 0, point, 0, tb);
            Scalar atB = Multilinear.eq(proof.rb, 0, point, 0, tb + bb);
            part.inputs = units.inputsA * atA + units.inputsB * atB;
            part.deltas = units.deltasA * atA + units.deltasB * atB;
        }
    }

    function _part(TrainingProof memory proof, Batch memory batch, Rows memory w, Part memory part) private pure {
        unchecked {
            _records(proof, part);
            Layout memory lay = proof.lay;
            uint256 bits = lay.regionBits(part.layer);
            for (uint256 kind = 0; kind < Region.COUNT; ++kind) {
                uint256 row = lay.region(part.layer, kind);
                if (row == Region.NONE) continue;
                Scalar prefix = ONE;
                if (bits < lay.n) prefix = Multilinear.eqBits((row & ((1 << lay.n) - 1)) >> bits, proof.r3, 0, lay.n - bits);
                RegionRows.add(proof, batch, w, part, kind, (row >> lay.n) + part.index, prefix);
            }
        }
    }
}
