// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Lookups} from "./Lookups.sol";
import {RegistrationLayouts} from "./RegistrationLayout.sol";
import {Vectors} from "./Vectors.sol";

/// Fold degrees, positions in the mask vector, and the length of the proof's body (section 2).
library Masks {
    using Vectors for uint256[];

    function place(Program memory p, Layout memory lay) internal pure {
        unchecked {
            lay.degreesA = _raised(_na(p, lay), lay.tb);
            lay.degreesB = _raised(lay.tb + lay.bb, lay.tb);
            lay.degrees3 = Lookups.constantDegrees(lay.n, 2, 2);
            uint256 valuesA = 2 * (2 * p.layers - 1);
            uint256 valuesB = 2 * (3 * p.layers - 1);
            uint256 values2 = lay.columns + lay.helpers + 2;
            lay.maskA = 3;
            lay.maskB = lay.maskA + _sum(lay.degreesA);
            lay.mask2 = lay.maskB + _sum(lay.degreesB);
            lay.mask3 = lay.mask2 + _sum(lay.degrees2);
            lay.maskValuesA = lay.mask3 + 2 * lay.n;
            lay.maskValuesB = lay.maskValuesA + valuesA;
            lay.maskValues2 = lay.maskValuesB + valuesB;
            lay.maskBlinds = lay.maskValues2 + values2;
            lay.maskLength = lay.maskBlinds + 2 * p.openings + lay.nW + 3;
            uint256 longest = RegistrationLayouts.maskLength(p, lay);
            if (lay.maskLength > longest) longest = lay.maskLength;
            Programs.need(longest + 8 <= 1 << lay.n, "vector_bits");
            // points: columns, W_out, m, helpers, S', h, w; scalars: v_zeta, folds, values, vtab, e1
            uint256 points = lay.mu * lay.V + lay.lanes + lay.nW + 1 + lay.helperAt.get(lay.helpers) + 3;
            uint256 scalars = 1 + (lay.maskBlinds - lay.maskA) + lay.tableLanes + 1;
            lay.bodyLength = 64 * points + 32 * scalars;
        }
    }

    /// Number of variables of S1a.
    function _na(Program memory p, Layout memory lay) private pure returns (uint256 n) {
        unchecked {
            for (uint256 i = 1; i <= p.layers; ++i) {
                if (lay.I.get(i) > n) n = lay.I.get(i);
                if (i > 1 && lay.J.get(i) > n) n = lay.J.get(i);
            }
            n += lay.tb;
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

    function _sum(uint256[] memory list) private pure returns (uint256 total) {
        unchecked {
            for (uint256 i = 0; i < list.length; ++i) {
                total += list.get(i);
            }
        }
    }
}
