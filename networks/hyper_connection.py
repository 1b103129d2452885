"""A hyper-connection: any module between n residual streams that are mixed by a projector's matrix."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from networks.precision import plain, working
from networks.recipes import Recipe
from networks.starts import START_DISTANCE, start
from projectors.base import MatrixMap
from projectors.checks import instance, real_number, whole_number

SCALE = 0.01
"""What the input-dependent part of the maps is multiplied by at the start [mHC2025]."""

EPSILON = 1e-6
"""What is added to the mean square of the streams. Another one is part of the state: it changes what the rest means."""


OTHER_EPSILON = "epsilon_of_norm"
"""Its name in the state."""


class Maps(NamedTuple):
    """What one site does to its streams: the weights that they are read with (..., n), written with (..., n), and H_res

    (..., n, n), by which they are mixed. Without leading axes where they do not depend on the streams.
    """

    pre: Tensor
    post: Tensor
    res: Tensor


class HyperConnection(nn.Module):
    """Streams X (..., n, C) -> H_res X + H_post^T branch(H_pre X) (..., n, C), for any `branch` (..., C) -> (..., C).

    With x the n C numbers of a token's streams over their root mean square, times `gain`, and `scale` = (a, b, c),
    H_pre = sigmoid(a x W_pre + bias_pre), H_post = 2 sigmoid(b x W_post + bias_post) and H_res is the projector's
    matrix for theta = c x W_res + bias_res (Eqs. 2-5 and 7-9 of [goMHC2026]). `dynamic=False` keeps the biases alone.

    In the state_dict, with R = `projector.parameter_count`: `bias` (2n + R), `weight` (2n + R, n C), `gain` (n C) and
    `scale` (3), each in the order pre, post, res, `recipe`, bytes that name the projector, and `branch.*`. `weight`
    starts at 0, so that no map depends on the streams at first, but every one can learn to. `networks.starts` says
    where the biases start; `reads` is the stream that most is read from, modulo n, usually the number of the layer.

    The maps and the mixing are computed in float32 at least, whatever autocast or the streams' dtype says, which the
    result has again. Raises ValueError for sizes that do not exist, and for streams of another shape.

    >>> from projectors import PermutationMixture
    >>> HyperConnection(64, PermutationMixture(3), dynamic=False)
    HyperConnection(
      width=64, projector=PermutationMixture(n=3), dynamic=False
      (branch): Identity()
      (recipe): Recipe(PermutationMixture(n=3))
    )
    """

    def __init__(
        self,
        width: int,
        projector: MatrixMap,
        branch: nn.Module | None = None,
        *,
        dynamic: bool = True,
        reads: int = 0,
        distance: float = START_DISTANCE,
        epsilon: float = EPSILON,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.width = whole_number(width, "the width of a stream", 1)
        self.projector = instance(projector, MatrixMap, "the projector")
        self.n, self.dynamic = projector.n, instance(dynamic, bool, "dynamic")
        self.epsilon = real_number(epsilon, "epsilon, added to the mean square,", 0)
        self.branch = nn.Identity() if branch is None else instance(branch, nn.Module, "the branch")
        self.bias = nn.Parameter(start(projector, whole_number(reads, "reads", 0), distance, generator))
        if dynamic:
            self.weight = nn.Parameter(torch.zeros(len(self.bias), self.n * self.width))
            self.gain = nn.Parameter(torch.ones(self.n * self.width))
            self.scale = nn.Parameter(torch.full((3,), SCALE))
            if self.epsilon != EPSILON:  # who reads the state alone must know of it
                self.register_buffer(OTHER_EPSILON, torch.tensor(self.epsilon))
        self.recipe = Recipe(projector)
        self.recipe.guard(self)

    def forward(self, streams: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Streams (..., n, C) -> streams (..., n, C); what else is given goes to the branch."""
        maps = self.maps(streams)
        with plain(streams):
            given = streams.to(working(streams))
            # Reading and mixing as one product: the streams are gone through once.
            both = torch.cat([maps.pre.unsqueeze(-2), maps.res], -2) @ given
        output = self.branch(both[..., 0, :].to(streams.dtype), *args, **kwargs)
        self._check_output(output, streams)
        with plain(streams):
            written = torch.addcmul(both[..., 1:, :], maps.post.unsqueeze(-1), output.to(both.dtype).unsqueeze(-2))
        return written.to(streams.dtype)

    def maps(self, streams: Tensor) -> Maps:
        """Streams (..., n, C) -> the three maps of every token, in float32 at least, differentiable."""
        self._check(streams)
        with plain(streams):
            return self._maps(streams.to(working(streams)))

    def _maps(self, streams: Tensor) -> Maps:
        parts = (self.n, self.n, self.projector.parameter_count)
        pre, post, theta = self.bias.to(streams.dtype).split(parts, -1)
        if self.dynamic:
            flat = streams.flatten(-2)
            # The norm's gain is moved into the weights, and its division behind the product: no copy of the streams.
            weight = self.weight.to(flat.dtype) * self.gain.to(flat.dtype)
            size = flat.square().mean(-1, keepdim=True).add(self.epsilon).rsqrt()
            more = ((flat @ weight.mT) * size).split(parts, -1)
            pre, post, theta = (
                bias + scale * part
                for bias, scale, part in zip((pre, post, theta), self.scale.to(flat.dtype), more, strict=True)
            )
        return Maps(pre.sigmoid(), 2 * post.sigmoid(), self.projector(theta))

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        kept = self._buffers.get(OTHER_EPSILON)
        if kept is not None and not kept.is_meta:  # as it is, whatever casts made of the buffer
            destination[prefix + OTHER_EPSILON] = torch.tensor(self.epsilon, dtype=torch.float64, device=kept.device)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        """Leave the parameters as they are where a state is of another epsilon, and say so."""
        given = state_dict.get(prefix + OTHER_EPSILON)
        known = given is not None and not given.is_meta
        if known and float(given) != float(torch.tensor(self.epsilon, dtype=given.dtype)):
            args[-1].append(f"{prefix}{OTHER_EPSILON}: the state is that of {float(given):g}, not of {self.epsilon:g}")
            own = [*self.named_parameters(recurse=False), *self.named_buffers(recurse=False)]
            state_dict = {**state_dict, **{prefix + name: tensor.detach() for name, tensor in own}}
        super()._load_from_state_dict(state_dict, prefix, *args)

    def extra_repr(self) -> str:
        """Width, projector, and whether the maps depend on the streams."""
        return f"width={self.width}, projector={self.projector}, dynamic={self.dynamic}"

    def _check(self, streams: object) -> None:
        wanted = f"streams must be a floating-point tensor of shape (..., {self.n}, {self.width})"
        if not isinstance(streams, Tensor):
            raise ValueError(f"{wanted}, not {type(streams).__name__}")
        if streams.shape[-2:] != (self.n, self.width) or not streams.is_floating_point():
            raise ValueError(f"{wanted}, not {streams.dtype} of shape {tuple(streams.shape)}")

    def _check_output(self, output: object, streams: Tensor) -> None:
        shape = (*streams.shape[:-2], self.width)
        if not isinstance(output, Tensor) or output.shape != shape:
            received = f"shape {tuple(output.shape)}" if isinstance(output, Tensor) else type(output).__name__
            raise ValueError(f"the branch must return a tensor of shape {shape}, one for every stream, not {received}")
