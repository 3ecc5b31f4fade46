// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Verdicts} from "../../src/protocol/Verdicts.sol";
import {TestBase, Vector} from "../TestBase.sol";

/// Too little gas must not look like a verdict of the real verifiers, whoever chooses it.
contract StarvedTest is TestBase {
    function test_aStarvedVerifierGivesNoVerdict() public {
        Vector memory v = load("gas-30-16-2", 1);
        assertAccepted(v);
        bytes32 keyId = keys.store(v.program, v.table, v.setup);
        uint256 starved = 0;
        for (uint256 gas_ = 20_000;; gas_ += 9_001) {
            try trainings.verifyTraining{gas: gas_}(keyId, v.statement, v.proof) returns (bytes memory) {
                break;
            } catch (bytes memory reason) {
                assertTrue(!Verdicts.isVerdict(reason), "a verdict on a proof that holds");
                ++starved;
            }
        }
        assertTrue(starved > 30, "and then enough");
    }

    function test_aVerdictNamesWhatIsWrongWithTheProof() public {
        Vector memory v = load("gas-30-16-2", 1);
        bytes32 keyId = keys.store(v.program, v.table, v.setup);
        v.proof[2000] ^= 0x01;
        assertTrue(Verdicts.isVerdict(verdict(v, keyId)), "changed");
        v.proof[0] = "f";
        assertTrue(Verdicts.isVerdict(verdict(v, keyId)), "no proof at all");
        assertTrue(Verdicts.isVerdict(verdict(load("gas-30-16-2", 1), keyId)) == false, "the proof itself");
        assertTrue(!Verdicts.isVerdict(verdict(v, bytes32("unknown"))), "an unknown key");
        v.statement[100] ^= 0x01;
        v.statement[7 * 32 - 1] ^= 0x01;
        v.proof = load("gas-30-16-2", 1).proof;
        assertTrue(!Verdicts.isVerdict(verdict(v, keyId)), "another setup");
    }
}
