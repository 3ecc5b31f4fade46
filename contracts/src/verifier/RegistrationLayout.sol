// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Lookups} from "./Lookups.sol";

/// What a registration adds (section 4): nD range units and one lane, all of size 1, so that first fit fills helper after helper.
struct RegistrationLayout {
    uint256[] degrees2;
    uint256[] degrees3;
    uint256 helpers; // G
    uint256 mask2;
    uint256 mask3;
    uint256 maskValues2;
    uint256 maskLength;
    uint256 bodyLength;
}

library RegistrationLayouts {
    function _degrees(Program memory p, Layout memory lay) private pure returns (uint256 degree, uint256 last) {
        unchecked {
            uint256 group = p.group;
            degree = _max(4, 2 + (lay.nD + 1 < group ? lay.nD + 1 : group));
            // a full helper of ranges, or all ranges and the lane in one
            last = _max(6, lay.nD >= group ? 3 + 2 * group : 4 + 2 * lay.nD);
        }
    }

    function _helpers(Program memory p, Layout memory lay) private pure returns (uint256) {
        unchecked {
            return (lay.nD + p.group) / p.group;
        }
    }

    function maskLength(Program memory p, Layout memory lay) internal pure returns (uint256) {
        unchecked {
            (uint256 degree, uint256 last) = _degrees(p, lay);
            return 6 + degree * (lay.n - 1) + last + 2 * lay.n + lay.nD + 1 + _helpers(p, lay);
        }
    }

    function compute(Program memory p, Layout memory lay) internal pure returns (RegistrationLayout memory reg) {
        unchecked {
            (uint256 degree, uint256 last) = _degrees(p, lay);
            reg.helpers = _helpers(p, lay);
            reg.degrees2 = Lookups.constantDegrees(lay.n, degree, last);
            reg.degrees3 = lay.degrees3;
            reg.mask2 = 3;
            reg.mask3 = 3 + degree * (lay.n - 1) + last;
            reg.maskValues2 = reg.mask3 + 2 * lay.n;
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
