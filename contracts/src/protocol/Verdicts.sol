// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../verifier/Errors.sol";

/// Which of a verifier's errors speak of the proof. All others (no reason at all, too little gas, a key or version that cannot be used, a
/// statement that does not fit the key) are nobody's fault.
library Verdicts {
    function isVerdict(bytes memory reason) internal pure returns (bool) {
        bytes4 error_ = reason.length < 4 ? bytes4(0) : bytes4(reason);
        return error_ == WrongMagic.selector || error_ == UnsupportedVersion.selector || error_ == WrongKind.selector
            || error_ == WrongLength.selector || error_ == NonCanonicalScalar.selector || error_ == NonCanonicalCoordinate.selector
            || error_ == NotOnCurve.selector || error_ == DegenerateChallenge.selector || error_ == OpeningFailed.selector;
    }
}
