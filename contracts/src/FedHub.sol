// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFedHub, Phase, Progress, Task} from "./interfaces/IFedHub.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {IVerifyingKeys} from "./interfaces/IVerifyingKeys.sol";
import {HubParts} from "./HubParts.sol";
import {StakeVault} from "./StakeVault.sol";
import {Closing} from "./protocol/Closing.sol";
import {HubState, State, Stage, Member} from "./protocol/HubState.sol";
import {Members} from "./protocol/Members.sol";
import {Phases} from "./protocol/Phases.sol";
import {Rewards} from "./protocol/Rewards.sol";
import {Submissions} from "./protocol/Submissions.sol";

/// Federations: tasks, members, rounds, money. No owner, no upgrade, no pause: what the hub does is fixed by its code, that of the two
/// contracts it creates, and the task.
contract FedHub is Phases, Members, Submissions, Rewards, Closing {
    HubParts public immutable parts;

    /// The vault of stakes is created here and obeys this hub alone.
    constructor(IVerifierRouter router_, IVerifyingKeys keys_)
        HubState(address(this), router_, keys_, new StakeVault(address(this)))
    {
        parts = new HubParts(router_, keys_, vault);
    }

    /// @inheritdoc IFedHub
    function task(bytes32 id) external view returns (Task memory) {
        return _terms(id).task;
    }

    /// @inheritdoc IFedHub
    function progress(bytes32 id) external view returns (Progress memory) {
        State storage s = _states[id];
        bool joining = s.phase == Phase.Joining;
        return Progress({
            phase: s.phase,
            round: s.round,
            deadline: s.deadline,
            members: s.members,
            entered: joining ? _entering(s) : s.entered,
            entering: joining ? 0 : _entering(s),
            submitted: s.submitted,
            removed: s.removed,
            start: s.start,
            seed: s.stage == Stage.Begun ? bytes32(0) : s.seed,
            roll: _roll(s)
        });
    }

    /// @inheritdoc IFedHub
    function entered(bytes32 id, uint32 round, address member) external view returns (bool) {
        Member storage m = _members[id][member];
        return m.entered == round + 1 || m.submitted == round + 1;
    }

    /// @inheritdoc IFedHub
    function submittedIn(bytes32 id, uint32 round, address member) external view returns (bool) {
        return _members[id][member].submitted == round + 1;
    }

    // --- in HubParts -----------------------------------------------------------------------------------------------------

    /// @inheritdoc IFedHub
    function open(Task calldata, bytes calldata) external returns (bytes32) {
        _delegate();
    }

    /// @inheritdoc IFedHub
    function cancel(bytes32) external {
        _delegate();
    }

    /// @inheritdoc IFedHub
    function demand(bytes32, uint32, address, bytes calldata, bytes32) external {
        _delegate();
    }

    /// @inheritdoc IFedHub
    function settle(bytes32, uint32, address, bytes calldata, bytes32, bytes calldata, bytes calldata, bytes calldata) external {
        _delegate();
    }

    /// @inheritdoc IFedHub
    function expire(bytes32, uint32, address, bytes calldata, bytes32) external {
        _delegate();
    }

    /// @inheritdoc IFedHub
    function reportDouble(bytes32, uint32, address, bytes32, bytes calldata, bytes32, bytes calldata) external {
        _delegate();
    }

    /// Ends the call with what HubParts answers to the same call data.
    function _delegate() private {
        address target = address(parts);
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, 0, calldatasize())
            let ok := delegatecall(gas(), target, input, calldatasize(), 0, 0)
            returndatacopy(input, 0, returndatasize())
            if iszero(ok) { revert(input, returndatasize()) }
            return(input, returndatasize())
        }
    }
}
