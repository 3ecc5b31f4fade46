// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "./TestBase.sol";
import {VerifyingKeys} from "../src/VerifyingKeys.sol";
import {Closes, CloseProof} from "../src/verifier/Close.sol";
import {Openings} from "../src/verifier/Opening.sol";
import {Curve} from "../src/verifier/Curve.sol";

/// verifyClose with the gas of its phases.
contract ClosePhases {
    using Closes for CloseProof;

    VerifyingKeys private immutable keys;

    constructor(VerifyingKeys keys_) {
        keys = keys_;
    }

    function measure(bytes32 keyId, bytes calldata statement, bytes calldata file) external view returns (uint256[7] memory) {
        uint256[7] memory gas;
        gas[0] = gasleft();
        function(CloseProof memory, bytes calldata, bytes calldata, uint256[7] memory) view phases = measurePhases;
        function(uint256, bytes calldata, bytes calldata, uint256[7] memory) view phasesAt;
        assembly ("memory-safe") {
            phasesAt := phases
        }
        phasesAt(Closes.open(address(keys), keyId), statement, file, gas);
        return gas;
    }

    function measurePhases(CloseProof memory proof, bytes calldata statement, bytes calldata file, uint256[7] memory gas)
        private
        view
    {
        gas[1] = gasleft();
        proof.openFile(statement, file);
        gas[2] = gasleft();
        proof.readCommitments();
        gas[3] = gasleft();
        proof.readSumchecks();
        gas[4] = gasleft();
        proof.readOpening();
        gas[5] = gasleft();
        Curve.Sum left = proof.combine(Closes.mask(proof));
        gas[6] = gasleft();
        Openings.check(proof.opening, left, proof.tauH);
        for (uint256 i = 0; i < 6; ++i) {
            gas[i] -= gas[i + 1];
        }
        gas[6] -= gasleft();
    }
}

/// Gas of a round close: `forge test --match-contract Gas -vv` prints it.
contract CloseGasTest is TestBase {
    event log_named_uint(string name, uint256 value);

    function test_30_16_2() external {
        measure("gas-30-16-2", 430_000);
    }

    function test_30_1() external {
        measure("gas-30-1", 430_000);
    }

    function measure(string memory file, uint256 limit) private {
        Vector memory v = load(file, 2);
        bytes32 keyId = keys.store(v.program, v.table, v.setup);
        uint256[7] memory phases = (new ClosePhases(keys)).measure(keyId, v.statement, v.proof);
        emit log_named_uint("key, layout", phases[0]);
        emit log_named_uint("file and statement", phases[1]);
        emit log_named_uint("commitments, challenges", phases[2]);
        emit log_named_uint("S2, integrand, S3", phases[3]);
        emit log_named_uint("opening messages", phases[4]);
        emit log_named_uint("mask, sum of commitments", phases[5]);
        emit log_named_uint("pairing", phases[6]);
        emit log_named_uint("bytes of the file", v.proof.length);
        uint256 gas = gasleft();
        bytes memory reason = verdict(v, keyId);
        gas -= gasleft();
        assertEq(reason, "", v.name);
        emit log_named_uint("close, execution", gas);
        assertTrue(gas < limit, "gas limit");
    }
}
