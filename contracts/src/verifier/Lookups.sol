// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss, Activation} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Vectors} from "./Vectors.sol";

/// Tags of lookup tables: HIDDEN + code of a hidden activation, those of losses, else a range of so many bits.
library Tag {
    uint256 internal constant HIDDEN = 32;
    uint256 internal constant SIGMOID = 48;
    uint256 internal constant EXPONENTIAL = 50;
    uint256 internal constant CLAMP = 51;

    /// Whether the values of a table are committed in the key.
    function committed(uint256 tag) internal pure returns (bool) {
        return tag >= HIDDEN + Activation.LEAKY_RELU;
    }

    /// Whether it is that of a hidden activation.
    function hidden(uint256 tag) internal pure returns (bool) {
        return tag >= HIDDEN && tag < SIGMOID;
    }

    /// Of the output layer's table; 0 for the squared error, which has none.
    function ofLoss(uint256 loss) internal pure returns (uint256) {
        if (loss == Loss.SIGMOID) return SIGMOID;
        if (loss == Loss.SOFTMAX) return EXPONENTIAL;
        return loss == Loss.HUBER ? CLAMP : 0;
    }
}

/// Lookup tables, columns and helpers (section 2).
library Lookups {
    using Vectors for uint256[];

    uint256 private constant MAX_LANES = 4;
    uint256 private constant ENTRY = 4; // words of a segment

    /// Places segments in lanes, columns, and units in helpers.
    function place(Program memory p, Layout memory lay) internal pure {
        _segments(p, lay);
        _lanes(lay);
        _columns(p, lay);
        _helpers(p, lay);
    }

    /// The loss's table, ranges, hidden activations; stably sorted by width descending.
    function _segments(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256 used = 0; // bit k: activation k
            for (uint256 i = 1; i < p.layers; ++i) {
                used |= 1 << p.activations.get(i);
            }
            uint256[] memory segments = new uint256[](ENTRY * (Activation.SILU + 5));
            uint256 end = 0;
            uint256 loss = Tag.ofLoss(p.loss);
            if (loss != 0) end = _insert(segments, end, loss, p.bits);
            end = _insert(segments, end, p.bits, p.bits);
            for (uint256 kind = 0; kind <= Activation.SILU; ++kind) {
                if ((used >> kind) & 1 == 1) end = _insert(segments, end, Tag.HIDDEN + kind, p.bits);
            }
            if (p.limbBits != p.bits) end = _insert(segments, end, p.limbBits, p.limbBits);
            if (p.topWidth != p.bits && p.topWidth != p.limbBits) end = _insert(segments, end, p.topWidth, p.topWidth);
            assembly ("memory-safe") {
                mstore(segments, end)
            }
            lay.segments = segments;
        }
    }

    /// Puts a segment before those that are narrower; the new end.
    function _insert(uint256[] memory segments, uint256 end, uint256 tag, uint256 width) private pure returns (uint256) {
        unchecked {
            uint256 pos = end;
            while (pos > 0 && segments.get(pos - ENTRY + 1) < width) {
                segments.set(pos, segments.get(pos - ENTRY));
                segments.set(pos + 1, segments.get(pos - ENTRY + 1));
                pos -= ENTRY;
            }
            segments.set(pos, tag);
            segments.set(pos + 1, width);
            return end + ENTRY;
        }
    }

    /// First fit into lanes of 2^n rows; the committed tables of each lane.
    function _lanes(Layout memory lay) private pure {
        unchecked {
            uint256[] memory rows = new uint256[](MAX_LANES + 1);
            uint256[] memory segments = lay.segments;
            lay.tables = new uint256[](MAX_LANES);
            for (uint256 i = 0; i < segments.length; i += ENTRY) {
                uint256 width = segments.get(i + 1);
                uint256 lane = 0;
                while (rows.get(lane) + (1 << width) > 1 << lay.n) ++lane;
                Programs.need(lane < MAX_LANES, "vector_bits");
                segments.set(i + 2, lane);
                segments.set(i + 3, rows.get(lane) >> width);
                rows.add(lane, 1 << width);
                if (lane + 1 > lay.lanes) lay.lanes = lane + 1;
                uint256 tag = segments.get(i);
                uint256 points = !Tag.committed(tag) ? 0 : Tag.hidden(tag) ? 2 : 1;
                if (points > lay.tables.get(lane)) lay.tables.set(lane, points);
            }
            for (uint256 lane = 0; lane < lay.lanes; ++lane) {
                lay.tablePoints += lay.tables.get(lane);
                if (lay.tables.get(lane) != 0) ++lay.tableLanes;
            }
        }
    }

    function _columns(Program memory p, Layout memory lay) private pure {
        unchecked {
            lay.limbs = 3 + p.excessLimbs;
            lay.a = lay.limbs + p.remainderLimbs;
            lay.mu = lay.a + 2;
            lay.columns = lay.mu + lay.lanes;
        }
    }

    /// Units put into helpers by first fit; the helpers' vectors; the two degrees of S2.
    function _helpers(Program memory p, Layout memory lay) private pure {
        unchecked {
            uint256 ranges = p.remainderLimbs + p.excessLimbs;
            uint256 units = ranges + 1 + lay.lanes;
            lay.helperOf = new uint256[](units);
            uint256[] memory sizes = new uint256[](units); // by helper: units in it
            uint256[] memory last = new uint256[](units); // by helper: degree of its units in the masked fold
            uint256[] memory vectors = new uint256[](units); // by helper: V, or 1 with lanes only
            for (uint256 u = 0; u < units; ++u) {
                uint256 size = u == ranges ? 2 : 1;
                uint256 h = 0;
                while (sizes.get(h) + size > p.group) ++h;
                lay.helperOf.set(u, h);
                sizes.add(h, size);
                last.add(h, u < ranges ? 2 : u == ranges ? 3 : 1);
                if (u <= ranges) vectors.set(h, lay.V);
                if (h + 1 > lay.helpers) lay.helpers = h + 1;
            }
            uint256 degree = 4;
            uint256 lastDegree = 7;
            lay.helperAt = new uint256[](lay.helpers + 1);
            for (uint256 h = 0; h < lay.helpers; ++h) {
                if (2 + sizes.get(h) > degree) degree = 2 + sizes.get(h);
                // a lane's own term, selT mu prod(others), has the same degree
                if (3 + last.get(h) > lastDegree) lastDegree = 3 + last.get(h);
                lay.helperAt.set(h + 1, lay.helperAt.get(h) + (vectors.get(h) == 0 ? 1 : vectors.get(h)));
            }
            lay.degrees2 = constantDegrees(lay.c, degree, lastDegree);
        }
    }

    /// n degrees, the last one apart.
    function constantDegrees(uint256 n, uint256 degree, uint256 last) internal pure returns (uint256[] memory out) {
        unchecked {
            out = new uint256[](n);
            for (uint256 i = 0; i < n; ++i) {
                out.set(i, degree);
            }
            out.set(n - 1, last);
        }
    }
}
