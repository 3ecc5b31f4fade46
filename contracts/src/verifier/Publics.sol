// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss, Activation} from "./Program.sol";
import {Layout, Layouts, Region} from "./Layout.sol";
import {Tag} from "./Lookups.sol";
import {Scalar, Scalars, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Vectors} from "./Vectors.sol";

/// Public functions of S2 at its point r2 (sections 2 and 3): selectors and the looked-up tables of the lanes.
struct Publics {
    Scalar selR;
    Scalar tag;
    Scalar selA;
    Scalar selH;
    Scalar selB;
    Scalar selO;
    Scalar selD;
    Scalar selX;
    Scalar selP;
    Scalar selQ;
    Scalar[4] selT;
    Scalar[4] t;
}

library PublicFunctions {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Programs for Program;
    using Layouts for Layout;

    /// tables: vtab of the lanes with committed tables, ascending.
    function evaluate(Program memory p, Layout memory lay, Scalar gamma, Scalar[] memory r2, Scalar[] memory tables)
        internal
        pure
        returns (Publics memory pub)
    {
        unchecked {
            for (uint256 i = 1; i <= p.layers; ++i) {
                for (uint256 kind = 0; kind < Region.COUNT; ++kind) {
                    if (lay.region(i, kind) != Region.NONE) _region(p, pub, i, kind, selector(lay, i, kind, r2));
                }
            }
            _segments(lay, gamma, r2, pub);
            _committed(lay, r2, tables, pub);
        }
    }

    /// [row in region] at a point
    function selector(Layout memory lay, uint256 i, uint256 kind, Scalar[] memory point) internal pure returns (Scalar) {
        unchecked {
            uint256 bits = lay.regionBits(i);
            return Multilinear.eqBits(lay.region(i, kind) >> bits, point, 0, lay.c - bits);
        }
    }

    /// Adds a region with selector `here`.
    function _region(Program memory p, Publics memory pub, uint256 i, uint256 kind, Scalar here) private pure {
        uint256 tag = p.bits;
        if (kind == Region.FORWARD) {
            if (i < p.layers) {
                tag = Tag.HIDDEN + p.activations.get(i);
                pub.selH = pub.selH + here;
            } else {
                pub.selO = here;
                if (p.loss == Loss.SIGMOID) tag = Tag.SIGMOID;
            }
        } else if (kind == Region.BACKWARD) {
            if (!p.smooth(i)) pub.selB = pub.selB + here;
        } else if (kind == Region.DERIVATIVE) {
            pub.selD = pub.selD + here;
            // a s is at scale sh above q
            uint256 shift = i < p.layers ? p.bits - 2 : p.deltaBits + 8;
            pub.selX = pub.selX + here * Scalars.powerOfTwo(p.scaleBits - shift);
        } else if (kind == Region.QUOTIENT) {
            pub.selQ = here;
        } else {
            tag = Tag.ofLoss(p.loss);
            if (kind == Region.EXPONENTIAL) pub.selP = here;
        }
        pub.selR = pub.selR + here;
        pub.tag = pub.tag + here * Scalars.from(tag);
        if (tag >= Tag.HIDDEN) pub.selA = pub.selA + here;
    }

    function _segments(Layout memory lay, Scalar gamma, Scalar[] memory r2, Publics memory pub) private pure {
        unchecked {
            uint256[] memory segments = lay.segments;
            uint256 before = 0;
            Scalar index;
            for (uint256 i = 0; i < segments.length; i += 4) {
                uint256 width = segments.get(i + 1);
                if (width != before) (before, index) = (width, Multilinear.index(r2, r2.length - width, width));
                uint256 lane = segments.get(i + 2);
                (Scalar here, Scalar value) = segmentAt(segments.get(i), width, segments.get(i + 3), index, gamma, r2);
                pub.selT[lane] = pub.selT[lane] + here;
                pub.t[lane] = pub.t[lane] + value;
            }
        }
    }

    /// The committed tables are zero outside their segments, and beyond the first vector.
    function _committed(Layout memory lay, Scalar[] memory r2, Scalar[] memory tables, Publics memory pub) private pure {
        unchecked {
            Scalar first = Multilinear.eqBits(0, r2, 0, lay.c - lay.n);
            uint256 k = 0;
            for (uint256 lane = 0; lane < lay.lanes; ++lane) {
                if (lay.tables.get(lane) != 0) pub.t[lane] = pub.t[lane] + first * tables.get(k++);
            }
        }
    }

    /// [row in segment] and [row in segment] (idx + gamma tag + gamma^2 a + gamma^3 s), without committed a and s. index: idx, the last
    /// `width` variables of the point.
    function segmentAt(uint256 tag, uint256 width, uint256 prefix, Scalar index, Scalar gamma, Scalar[] memory point)
        internal
        pure
        returns (Scalar here, Scalar value)
    {
        unchecked {
            uint256 low = point.length - width;
            here = Multilinear.eqBits(prefix, point, 0, low);
            value = index + gamma * Scalars.from(tag);
            if (tag == Tag.HIDDEN + Activation.IDENTITY || tag == Tag.HIDDEN + Activation.RELU) {
                value = value + gamma * gamma * _activation(tag == Tag.HIDDEN + Activation.RELU, point, low, index, gamma);
            }
            value = here * value;
        }
    }

    /// a + gamma s, a = act(idx - 2^(l-1)), s = act' of a hidden kind; idx: the last variables of the point, from `low` on.
    function _activation(bool relu, Scalar[] memory point, uint256 low, Scalar index, Scalar gamma) private pure returns (Scalar) {
        unchecked {
            uint256 n = point.length - low;
            if (!relu) return index - Scalars.powerOfTwo(n - 1) + gamma;
            // idx > 2^(l-1): the leading bit and any other
            Scalar lead = point.get(low);
            Scalar rest = ONE - Multilinear.zeros(point, low + 1, n - 1);
            return lead * (index - lead * Scalars.powerOfTwo(n - 1) + gamma * rest);
        }
    }
}
