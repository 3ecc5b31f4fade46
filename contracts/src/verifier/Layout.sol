// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {IllegalProgram} from "./Errors.sol";
import {Vectors} from "./Vectors.sol";

/// Where everything is (section 2): computed from the program, never trusted. Names as in the document; arrays by layer have
/// position i for layer i.
struct Layout {
    // the arrays first: see Plans
    uint256[] I;
    uint256[] J;
    uint256[] forward; // of region F_i, 2^(tb+bb+J_i) rows: offset >> (tb+bb+J_i)
    uint256[] backward; // of region B_i likewise
    uint256[] weights; // of layer i's weights: offset >> (I_i + J_i)
    uint256[] segments; // lookup tables, four entries each: tag, width, lane, offset >> width
    uint256[] helperOf; // by lookup unit: r_k, g_k, act, lanes
    uint256[] degreesA; // of the folds of S1a, S1b, S2, S3
    uint256[] degreesB;
    uint256[] degrees2;
    uint256[] degrees3;
    uint256 tb;
    uint256 bb;
    uint256 nb;
    uint256 traceRows;
    // record
    uint256 rb;
    uint256 toff;
    uint256 voff;
    uint256 nd;
    // weights
    uint256 nw;
    // rows, lanes and vectors
    uint256 lanes; // P
    uint256 c;
    uint256 dv;
    uint256 wv;
    uint256 nD;
    uint256 nW;
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

// A lookup table's tag tells its kind: 48 sigmoid, 32 + kind of a hidden activation, else a range of so many bits.
uint256 constant TAG_HIDDEN = 32;
uint256 constant TAG_RELU = 33;
uint256 constant TAG_SIGMOID = 48;

/// What a registration adds (section 4).
struct RegistrationLayout {
    uint256 helpers; // G
    uint256[] degrees2;
    uint256[] degrees3;
    uint256 mask2;
    uint256 mask3;
    uint256 maskValues2;
    uint256 maskLength;
    uint256 bodyLength;
}

library Layouts {
    using Vectors for uint256[];
    uint256 private constant MAX_ROW_BITS = 26;

    function compute(Program memory p, Layout memory lay) internal pure {
        _sizes(p, lay);
        _regions(p, lay);
        _record(p, lay);
        _weights(p, lay);
        _segments(p, lay);
        _rows(p, lay);
        _degrees(p, lay);
        _masks(p, lay);
    }

    /// log(n): least k with 2^k >= n, for 1 <= n <= 2^63.
    function log(uint256 n) internal pure returns (uint256 k) {
        assembly ("memory-safe") {
            n := sub(n, 1)
            let s := shl(5, gt(n, 0xffffffff))
            n := shr(s, n)
            k := s
            s := shl(4, gt(n, 0xffff))
            n := shr(s, n)
            k := or(k, s)
            s := shl(3, gt(n, 0xff))
            n := shr(s, n)
            k := or(k, s)
            s := shl(2, gt(n, 0xf))
            n := shr(s, n)
            k := or(k, s)
            s := shl(1, gt(n, 3))
            n := shr(s, n)
            // what is left is 0, 1, 2 or 3: of 0, 1, 2, 2 bits
            k := add(or(k, s), add(gt(n, 0), gt(n, 1)))
        }
    }

    function _need(bool condition, bytes32 field) private pure {
        if (!condition) revert IllegalProgram(field);
    }

    function _sizes(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256 L = p.layers;
            lay.tb = log(p.steps);
            lay.bb = log(p.batch);
            lay.nb = log(p.blocks);
            lay.I = new uint256[](L + 1);
            lay.J = new uint256[](L + 1);
            uint256 widest = p.dims.get(0);
            for (uint256 i = 1; i <= L; ++i) {
                lay.I.set(i, log(p.dims.get(i - 1) + 1));
                lay.J.set(i, log(p.dims.get(i)));
                if (p.dims.get(i) > widest) widest = p.dims.get(i);
            }
            _need(lay.tb + lay.bb + log(widest + 1) + 2 <= MAX_ROW_BITS, "steps");
        }
    }

    /// By size descending, ties by layer ascending, then F before B.
    function _regions(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256 L = p.layers;
            uint256 base = lay.tb + lay.bb;
            lay.forward = new uint256[](L + 1);
            lay.backward = new uint256[](L + 1);
            uint256 offset = 0;
            for (uint256 size = 17; size-- > 0;) {
                for (uint256 i = 1; i <= L; ++i) {
                    if (lay.J.get(i) != size) continue;
                    lay.forward.set(i, offset >> (base + size));
                    offset += 1 << (base + size);
                    if (i == L) continue;
                    lay.backward.set(i, offset >> (base + size));
                    offset += 1 << (base + size);
                }
            }
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

    /// By size descending, ties by layer ascending.
    function _weights(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256 L = p.layers;
            lay.weights = new uint256[](L + 1);
            uint256 offset = 0;
            uint256 largest = 0;
            for (uint256 i = 1; i <= L; ++i) {
                if (lay.I.get(i) + lay.J.get(i) > largest) largest = lay.I.get(i) + lay.J.get(i);
            }
            for (uint256 size = largest + 1; size-- > 0;) {
                for (uint256 i = 1; i <= L; ++i) {
                    if (lay.I.get(i) + lay.J.get(i) != size) continue;
                    lay.weights.set(i, offset >> size);
                    offset += 1 << size;
                }
            }
            lay.nw = log(offset);
        }
    }

    /// Sigmoid, range of l bits, hidden kinds ascending, partial range: size descending.
    function _segments(Program memory p, Layout memory lay) private pure {
        unchecked {
            bool[2] memory used;
            for (uint256 i = 1; i < p.layers; ++i) {
                used[p.activations.get(i)] = true;
            }
            uint256[] memory segments = new uint256[](20);
            uint256 n = 0;
            if (p.sigmoid) n = _segment(segments, n, TAG_SIGMOID, p.bits);
            n = _segment(segments, n, p.bits, p.bits);
            if (used[0]) n = _segment(segments, n, TAG_HIDDEN, p.bits);
            if (used[1]) n = _segment(segments, n, TAG_RELU, p.bits);
            if (p.topWidth != p.bits) n = _segment(segments, n, p.topWidth, p.topWidth);
            assembly ("memory-safe") {
                mstore(segments, n)
            }
            lay.segments = segments;
        }
    }

    function _segment(uint256[] memory segments, uint256 n, uint256 tag, uint256 width) private pure returns (uint256) {
        unchecked {
            segments.set(n, tag);
            segments.set(n + 1, width);
            return n + 4;
        }
    }

    /// The least c for which everything fits.
    function _rows(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256 c = _max(p.bits, lay.bb + lay.rb);
            c = _max(c, log(lay.traceRows));
            if (lay.nd > 8) c = _max(c, lay.nd - 8);
            if (lay.nw > 8) c = _max(c, lay.nw - 8);
            while (true) {
                _need(c <= MAX_ROW_BITS, "blocks");
                if (_place(lay, c) <= 4) {
                    lay.c = c;
                    lay.dv = lay.nd > c ? lay.nd - c : 0;
                    lay.wv = lay.nw > c ? lay.nw - c : 0;
                    lay.nD = 1 << lay.dv;
                    lay.nW = 1 << lay.wv;
                    _columns(p, lay);
                    if (_max(_maskLength(p, lay), registrationMaskLength(p, lay)) + 8 <= 1 << c) break;
                }
                ++c;
            }
        }
    }

    /// First fit into lanes of 2^c rows; the number of lanes.
    function _place(Layout memory lay, uint256 c) private pure returns (uint256 lanes) {
        unchecked {
            uint256[5] memory rows;
            uint256[] memory segments = lay.segments;
            for (uint256 i = 0; i < segments.length; i += 4) {
                uint256 width = segments.get(i + 1);
                uint256 lane = 0;
                while (rows[lane] + (1 << width) > 1 << c) ++lane;
                segments.set(i + 2, lane);
                segments.set(i + 3, rows[lane] >> width);
                rows[lane] += 1 << width;
                if (lane + 1 > lanes) lanes = lane + 1;
            }
            lay.lanes = lanes;
        }
    }

    /// Positions of columns; units put into helpers by first fit; the two degrees of S2.
    function _columns(Program memory p, Layout memory lay) private pure {
        unchecked {
            lay.limbs = 3 + p.excessLimbs;
            lay.a = lay.limbs + p.remainderLimbs;
            lay.mu = lay.a + 2;
            lay.columns = lay.mu + lay.lanes;
            uint256 ranges = p.remainderLimbs + p.excessLimbs;
            uint256 units = ranges + 1 + lay.lanes;
            lay.helperOf = new uint256[](units);
            uint256[] memory sizes = new uint256[](units); // by helper: units in it
            uint256[] memory last = new uint256[](units); // by helper: degree of its units in the masked fold
            uint256 helpers = 0;
            for (uint256 u = 0; u < units; ++u) {
                uint256 size = u == ranges ? 2 : 1;
                uint256 h = 0;
                while (sizes.get(h) + size > p.group) ++h;
                lay.helperOf.set(u, h);
                sizes.add(h, size);
                last.add(h, u < ranges ? 2 : u == ranges ? 3 : 1);
                if (h + 1 > helpers) helpers = h + 1;
            }
            lay.helpers = helpers;
            uint256 degree = 4;
            uint256 lastDegree = 7;
            for (uint256 h = 0; h < helpers; ++h) {
                degree = _max(degree, 2 + sizes.get(h));
                // a lane's own term, selT mu prod(others), has the same degree
                lastDegree = _max(lastDegree, 3 + last.get(h));
            }
            lay.degrees2 = _constant(lay.c, degree, lastDegree);
        }
    }

    /// n degrees, the last one apart.
    function _constant(uint256 n, uint256 degree, uint256 last) private pure returns (uint256[] memory out) {
        unchecked {
            out = new uint256[](n);
            for (uint256 i = 0; i < n; ++i) {
                out.set(i, degree);
            }
            out.set(n - 1, last);
        }
    }

    /// Number of variables of S1a.
    function _na(Program memory p, Layout memory lay) private pure returns (uint256 n) {
        unchecked {
            for (uint256 i = 1; i <= p.layers; ++i) {
                n = _max(n, lay.I.get(i));
                if (i > 1) n = _max(n, lay.J.get(i));
            }
            n += lay.tb;
        }
    }

    function _foldLengths(Program memory p, Layout memory lay) private pure returns (uint256 a, uint256 b, uint256 s2, uint256 s3) {
        unchecked {
            a = 2 * _na(p, lay) + lay.tb + 2;
            b = 2 * (lay.tb + lay.bb) + lay.tb + 2;
            s2 = lay.degrees2.get(0) * (lay.c - 1) + lay.degrees2.get(lay.c - 1);
            s3 = 2 * lay.c;
        }
    }

    function _maskLength(Program memory p, Layout memory lay) private pure returns (uint256) {
        unchecked {
            (uint256 a, uint256 b, uint256 s2, uint256 s3) = _foldLengths(p, lay);
            uint256 values = 2 * (2 * p.layers - 1) + 2 * (3 * p.layers - 1) + lay.columns + lay.helpers + 2;
            return 3 + a + b + s2 + s3 + values + 2 * p.openings + lay.nW + 3;
        }
    }

    function _degrees(Program memory p, Layout memory lay) private pure {
        unchecked {
            lay.degreesA = _raised(_na(p, lay), lay.tb);
            lay.degreesB = _raised(lay.tb + lay.bb, lay.tb);
            lay.degrees3 = _constant(lay.c, 2, 2);
        }
    }

    /// 3 for the variables of t, 2 for the rest; the first one two more.
    function _raised(uint256 n, uint256 tb) private pure returns (uint256[] memory out) {
        unchecked {
            out = new uint256[](n);
            for (uint256 i = 0; i < n; ++i) {
                out.set(i, i < tb ? 3 : 2);
            }
            out.add(0, 2);
        }
    }

    function _masks(Program memory p, Layout memory lay) private pure {
        unchecked {
            (uint256 a, uint256 b, uint256 s2, uint256 s3) = _foldLengths(p, lay);
            uint256 valuesA = 2 * (2 * p.layers - 1);
            uint256 valuesB = 2 * (3 * p.layers - 1);
            uint256 values2 = lay.columns + lay.helpers + 2;
            lay.maskA = 3;
            lay.maskB = lay.maskA + a;
            lay.mask2 = lay.maskB + b;
            lay.mask3 = lay.mask2 + s2;
            lay.maskValuesA = lay.mask3 + s3;
            lay.maskValuesB = lay.maskValuesA + valuesA;
            lay.maskValues2 = lay.maskValuesB + valuesB;
            lay.maskBlinds = lay.maskValues2 + values2;
            lay.maskLength = lay.maskBlinds + 2 * p.openings + lay.nW + 3;
            // points: columns, W_out, m, helpers, S', h, w; scalars: v_zeta, folds, values, vtab, e1
            uint256 points = lay.columns + lay.nW + lay.helpers + 4;
            uint256 scalars = 2 + a + b + s2 + s3 + valuesA + valuesB + values2 + (p.sigmoid ? 1 : 0);
            lay.bodyLength = 64 * points + 32 * scalars;
        }
    }

    // --- registration: nD range units and one lane, all of size 1, so that first fit fills helper after helper ---------------

    function _registrationDegrees(Program memory p, Layout memory lay) private pure returns (uint256 degree, uint256 last) {
        unchecked {
            uint256 group = p.group;
            degree = _max(4, 2 + (lay.nD + 1 < group ? lay.nD + 1 : group));
            // a full helper of ranges, or all ranges and the lane in one
            last = _max(6, lay.nD >= group ? 3 + 2 * group : 4 + 2 * lay.nD);
        }
    }

    function _registrationHelpers(Program memory p, Layout memory lay) private pure returns (uint256) {
        unchecked {
            return (lay.nD + p.group) / p.group;
        }
    }

    function registrationMaskLength(Program memory p, Layout memory lay) internal pure returns (uint256) {
        unchecked {
            (uint256 degree, uint256 last) = _registrationDegrees(p, lay);
            return 6 + degree * (lay.c - 1) + last + 2 * lay.c + lay.nD + 1 + _registrationHelpers(p, lay);
        }
    }

    function registration(Program memory p, Layout memory lay) internal pure returns (RegistrationLayout memory reg) {
        unchecked {
            (uint256 degree, uint256 last) = _registrationDegrees(p, lay);
            reg.helpers = _registrationHelpers(p, lay);
            reg.degrees2 = _constant(lay.c, degree, last);
            reg.degrees3 = _constant(lay.c, 2, 2);
            reg.mask2 = 3;
            reg.mask3 = 3 + degree * (lay.c - 1) + last;
            reg.maskValues2 = reg.mask3 + 2 * lay.c;
            uint256 values = lay.nD + 1 + reg.helpers;
            reg.maskLength = reg.maskValues2 + values + 3;
            // points: mu, m, helpers, S', h, w; scalars: folds, values, e1
            reg.bodyLength = 64 * (5 + reg.helpers) + 32 * (reg.maskValues2 - 3 + values + 1);
        }
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
