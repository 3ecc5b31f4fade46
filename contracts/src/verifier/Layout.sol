// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss} from "./Program.sol";
import {Vectors} from "./Vectors.sol";
import {Lookups} from "./Lookups.sol";
import {Masks} from "./Masks.sol";

/// Where everything is (section 2): computed from the program, never trusted. Names as in the document; arrays by layer have
/// position i for layer i.
struct Layout {
    uint256[] I;
    uint256[] J;
    uint256[] regions; // first row of the region of kind k of layer i at position Region.COUNT i + k, or Region.NONE
    uint256[] weights; // first cell of layer i's weights
    uint256[] segments; // lookup tables, four entries each: tag, width, lane, offset >> width
    uint256[] tables; // by lane: committed table vectors, 0, 1 (TA) or 2 (TA, TS)
    uint256[] helperOf; // by lookup unit: r_k, g_k, act, lanes
    uint256[] helperAt; // by helper: the number of its first vector among those of all helpers; then their number
    uint256[] degreesA; // of the folds of S1a, S1b, S2, S3
    uint256[] degreesB;
    uint256[] degrees2;
    uint256[] degrees3;
    uint256 tb;
    uint256 bb;
    uint256 nb;
    uint256 traceRows;
    uint256 c;
    uint256 n;
    // record
    uint256 rb;
    uint256 toff;
    uint256 voff;
    uint256 nd;
    // vectors
    uint256 V;
    uint256 dv;
    uint256 wv;
    uint256 nD;
    uint256 nW;
    uint256 lanes; // P
    uint256 tableLanes; // lanes with committed tables
    uint256 tablePoints;
    // columns: q, sg, ex, g, r, a, s, mu, then helpers, then the virtual y, v
    uint256 limbs; // position of r_0
    uint256 a; // of column a, s follows
    uint256 mu; // of mu_0
    uint256 columns; // number of them, position of h_0
    uint256 helpers; // G
    // mask vector: positions of the coefficients of the sumchecks, of the value masks and of the update blinds
    uint256 maskA;
    uint256 maskB;
    uint256 mask2;
    uint256 mask3;
    uint256 maskValuesA;
    uint256 maskValuesB;
    uint256 maskValues2;
    uint256 maskBlinds;
    uint256 maskLength; // M
    uint256 bodyLength;
}

/// Kinds of trace regions, in their order.
library Region {
    uint256 internal constant FORWARD = 0;
    uint256 internal constant BACKWARD = 1;
    uint256 internal constant DERIVATIVE = 2;
    uint256 internal constant EXPONENTIAL = 3;
    uint256 internal constant QUOTIENT = 4;
    uint256 internal constant DIFFERENCE = 5;
    uint256 internal constant COUNT = 6;
    uint256 internal constant NONE = type(uint256).max;
}

library Layouts {
    using Vectors for uint256[];
    using Programs for Program;

    uint256 private constant MAX_ROW_BITS = 26;
    uint256 private constant MAX_VECTOR_BITS = 24;
    uint256 private constant MAX_VECTORS = 1024;

    /// least k with 2^k >= n
    function log(uint256 n) internal pure returns (uint256 k) {
        unchecked {
            while (1 << k < n) ++k;
        }
    }

    function compute(Program memory p, Layout memory lay) internal pure {
        unchecked {
            lay.tb = log(p.steps);
            lay.bb = log(p.batch);
            lay.nb = log(p.blocks);
            lay.n = p.vectorBits;
            uint256 L = p.layers;
            lay.I = new uint256[](L + 1);
            lay.J = new uint256[](L + 1);
            uint256 largest = p.dims.get(0);
            for (uint256 i = 1; i <= L; ++i) {
                lay.I.set(i, log(p.dims.get(i - 1) + 1));
                lay.J.set(i, log(p.dims.get(i)));
                if (p.dims.get(i) > largest) largest = p.dims.get(i);
            }
            Programs.need(lay.tb + lay.bb + log(largest + 1) + 2 <= MAX_ROW_BITS, "steps");
            _record(p, lay);
            uint256 n = lay.n;
            Programs.need(n >= p.bits && n >= p.limbBits && n >= lay.rb && n <= MAX_VECTOR_BITS, "vector_bits");
            _regions(p, lay);
            _weights(p, lay);
            _vectors(lay);
            Lookups.place(p, lay);
            Masks.place(p, lay);
        }
    }

    /// Variables of the regions of layer i: tb + bb + J_i.
    function regionBits(Layout memory lay, uint256 i) internal pure returns (uint256) {
        unchecked {
            return lay.tb + lay.bb + lay.J.get(i);
        }
    }

    /// First row of a region, or Region.NONE.
    function region(Layout memory lay, uint256 i, uint256 kind) internal pure returns (uint256) {
        unchecked {
            return lay.regions.get(Region.COUNT * i + kind);
        }
    }

    /// Variables of layer i's weights.
    function weightBits(Layout memory lay, uint256 i) internal pure returns (uint256) {
        unchecked {
            return lay.I.get(i) + lay.J.get(i);
        }
    }

    /// Whether layer i has a region of a kind.
    function _exists(Program memory p, uint256 i, uint256 kind) private pure returns (bool) {
        if (kind == Region.FORWARD) return true;
        if (kind == Region.BACKWARD) return i < p.layers;
        if (kind == Region.DERIVATIVE) return i < p.layers ? p.smooth(i) : p.weighted();
        return i == p.layers && p.loss == (kind == Region.DIFFERENCE ? Loss.HUBER : Loss.SOFTMAX);
    }

    /// Layers by size descending, ties by number ascending; from position 1 on.
    function _order(uint256[] memory sizes) private pure returns (uint256[] memory order) {
        unchecked {
            order = new uint256[](sizes.length);
            for (uint256 i = 1; i < sizes.length; ++i) {
                uint256 size = sizes.get(i);
                uint256 pos = i;
                while (pos > 1 && sizes.get(order.get(pos - 1)) < size) {
                    order.set(pos, order.get(pos - 1));
                    --pos;
                }
                order.set(pos, i);
            }
        }
    }

    /// By size descending, ties by layer ascending, then by kind.
    function _regions(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256[] memory regions = new uint256[](Region.COUNT * (p.layers + 1));
            uint256[] memory order = _order(lay.J);
            uint256 offset = 0;
            for (uint256 k = 1; k <= p.layers; ++k) {
                uint256 i = order.get(k);
                uint256 rows = 1 << regionBits(lay, i);
                for (uint256 kind = 0; kind < Region.COUNT; ++kind) {
                    bool exists = _exists(p, i, kind);
                    regions.set(Region.COUNT * i + kind, exists ? offset : Region.NONE);
                    if (exists) offset += rows;
                }
            }
            lay.regions = regions;
            lay.traceRows = offset;
        }
    }

    function _record(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256 d0 = p.dims.get(0);
            uint256 inputs = 1 << lay.I.get(1);
            uint256 targets = 1 << lay.J.get(p.layers);
            uint256 toff = ((d0 + targets - 1) / targets) * targets;
            uint256 end = toff + targets;
            // the largest slot of d_0 .. I-1 outside the targets: behind them, else just before them
            if (end < inputs || (end == inputs && toff > d0)) {
                lay.rb = lay.I.get(1);
                lay.toff = toff;
                lay.voff = end < inputs ? inputs - 1 : toff - 1;
            } else {
                uint256 rec = 2 * (inputs > 2 * targets ? inputs : 2 * targets);
                lay.rb = log(rec);
                lay.toff = rec / 2;
                lay.voff = rec / 2 + rec / 4;
            }
            lay.nd = lay.nb + lay.bb + lay.rb;
        }
    }

    /// By size descending, ties by layer ascending; sets nW.
    function _weights(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256[] memory sizes = new uint256[](p.layers + 1);
            for (uint256 i = 1; i <= p.layers; ++i) {
                sizes.set(i, weightBits(lay, i));
            }
            uint256[] memory order = _order(sizes);
            lay.weights = new uint256[](p.layers + 1);
            uint256 offset = 0;
            for (uint256 k = 1; k <= p.layers; ++k) {
                lay.weights.set(order.get(k), offset);
                offset += 1 << sizes.get(order.get(k));
            }
            lay.nW = _cut(offset, lay.n);
        }
    }

    function _vectors(Layout memory lay) private pure {
        unchecked {
            uint256 rows = log(lay.traceRows);
            lay.c = rows > lay.n ? rows : lay.n;
            Programs.need(lay.c <= MAX_ROW_BITS, "steps");
            lay.V = _cut(lay.traceRows, lay.n);
            lay.nD = _cut(1 << lay.nd, lay.n);
            Programs.need(lay.nD <= MAX_VECTORS && lay.nW <= MAX_VECTORS, "vector_bits");
            lay.dv = log(lay.nD);
            lay.wv = log(lay.nW);
        }
    }

    /// Vectors of 2^n cells that hold so many.
    function _cut(uint256 cells, uint256 n) private pure returns (uint256) {
        unchecked {
            return (cells + (1 << n) - 1) >> n;
        }
    }
}
