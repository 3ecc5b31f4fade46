// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Phase, Mode, Task} from "../interfaces/IFedHub.sol";
import {State, Member, Dispute, Answer} from "./HubState.sol";
import {Ledger} from "./Ledger.sol";
import {Faults} from "./Faults.sol";
import {Updates} from "./Updates.sol";
import {Terms} from "./Tasks.sol";
import {Verdicts} from "./Verdicts.sol";
import "./HubErrors.sol";

/// Claims that are questioned, and signatures that contradict each other.
abstract contract Disputes is Ledger, Faults, Updates, EIP712 {
    /// Of a settlement, above what any verifier needs.
    uint256 public constant VERDICT_GAS = 12_000_000;

    bytes32 private constant UPDATE = keccak256("Update(bytes32 id,uint32 round,bytes32 update)");

    function demand(bytes32 id, uint32 index, address member, bytes calldata update, bytes32 proof) external ofHub nonReentrant {
        Task memory t = _terms(id).task;
        State storage s = _states[id];
        Dispute storage d = _openClaim(id, index, _claimHash(member, update, proof));
        if (block.timestamp >= s.deadline) revert TooLate(s.deadline);
        if (d.answer != Answer.None) revert ClaimSettled();
        _requireUsable(t);
        uint64 deadline = uint64(block.timestamp) + t.answerWindow;
        (d.demander, d.deadline, d.answer) = (msg.sender, deadline, Answer.Demanded);
        ++s.demands;
        emit Demanded(id, s.round, index, msg.sender, deadline);
        _pull(t.token, msg.sender, t.demandDeposit);
    }

    function settle(
        bytes32 id,
        uint32 index,
        address member,
        bytes calldata start,
        bytes32 datasetId,
        bytes calldata dataset,
        bytes calldata update,
        bytes calldata proofFile
    ) external ofHub nonReentrant {
        _requireOpen(id, index, _claimHash(member, update, keccak256(proofFile)));
        bytes memory statement = _training(id, _terms(id), member, start, datasetId, dataset);
        bool holds = _holds(id, statement, update, proofFile);
        _decide(id, index, member, holds, msg.sender);
    }

    function expire(bytes32 id, uint32 index, address member, bytes calldata update, bytes32 proof) external ofHub nonReentrant {
        State storage s = _states[id];
        if (_isOver(s)) return _giveBack(id, index);
        Dispute storage d = _openClaim(id, index, _claimHash(member, update, proof));
        if (d.answer != Answer.Demanded) revert NotDemanded();
        if (block.timestamp < d.deadline) revert TooEarly(d.deadline);
        // nothing could have been shown
        _requireUsable(_terms(id).task);
        _decide(id, index, member, false, d.demander);
    }

    function reportDouble(
        bytes32 id,
        uint32 round,
        address member,
        bytes32 first,
        bytes calldata firstSignature,
        bytes32 second,
        bytes calldata secondSignature
    ) external ofHub nonReentrant {
        if (first == second) revert SameUpdate();
        if (!_members[id][member].joined) revert NotMember(member);
        bytes32 key = keccak256(abi.encode(id, round, member));
        if (_doubled[key]) revert AlreadyPunished(round, member);
        _doubled[key] = true;
        _requireSigned(id, round, member, first, firstSignature);
        _requireSigned(id, round, member, second, secondSignature);
        _slash(id, member, round, _terms(id).task.stake, msg.sender, "double");
    }

    function _requireSigned(bytes32 id, uint32 round, address member, bytes32 update, bytes calldata signature) private view {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(UPDATE, id, round, update)));
        // the key first: an account that has delegated to code (EIP-7702) could let that deny what the key has signed
        (address signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer == member) return;
        if (!SignatureChecker.isValidSignatureNowCalldata(member, digest, signature)) revert WrongSignature(update);
    }

    // --- claims ----------------------------------------------------------------------------------------------------------

    /// A claim of the current round that can still be removed.
    function _openClaim(bytes32 id, uint256 index, bytes32 claimed) private view returns (Dispute storage) {
        State storage s = _states[id];
        if (s.phase != Phase.Submitting && s.phase != Phase.Challenging) revert WrongPhase(Phase.Challenging, s.phase);
        bytes32 key = _claimKey(id, s.round, index);
        if (_claims[key] != claimed) revert WrongClaim(_claims[key], claimed);
        return _disputes[key];
    }

    function _requireOpen(bytes32 id, uint256 index, bytes32 claimed) private view {
        Answer answer = _openClaim(id, index, claimed).answer;
        if (answer == Answer.Held || answer == Answer.Removed) revert ClaimSettled();
    }

    /// Whether the proof shows the claim. Whoever calls chooses the gas, so that too little of it must never look like a verdict.
    function _holds(bytes32 id, bytes memory statement, bytes calldata update, bytes calldata proofFile)
        private
        view
        returns (bool)
    {
        Task memory t = _terms(id).task;
        if (gasleft() < VERDICT_GAS) revert NotEnoughGas(VERDICT_GAS, gasleft());
        try router.verifyTraining(t.verifier, t.keyId, statement, proofFile) returns (bytes memory proven) {
            return keccak256(proven) == keccak256(update);
        } catch (bytes memory reason) {
            if (!Verdicts.isVerdict(reason)) revert NoVerdict(reason);
            return false;
        }
    }

    /// The deposit goes to whoever shows that the claim holds, else back. reporter: of a claim that does not hold.
    function _decide(bytes32 id, uint32 index, address member, bool holds, address reporter) private {
        Task memory t = _terms(id).task;
        State storage s = _states[id];
        Dispute storage d = _disputes[_claimKey(id, s.round, index)];
        if (d.answer == Answer.Demanded) {
            --s.demands;
            _credit(id, holds ? msg.sender : d.demander, t.demandDeposit);
        }
        d.answer = holds ? Answer.Held : Answer.Removed;
        emit Settled(id, s.round, index, holds);
        if (holds) return;
        ++s.removed;
        _unaccept(_members[id][member], s.round);
        _slash(id, member, s.round, t.claimBond, reporter, "claim");
    }

    /// The task ended before the demand was settled.
    function _giveBack(bytes32 id, uint256 index) private {
        State storage s = _states[id];
        Dispute storage d = _disputes[_claimKey(id, s.round, index)];
        if (d.answer != Answer.Demanded) revert NotDemanded();
        d.answer = Answer.None;
        --s.demands;
        _credit(id, d.demander, _terms(id).task.demandDeposit);
    }
}
