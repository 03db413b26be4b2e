"""The engine room: typed objects lowered to flat integer arrays, and the compiled member-year over them.

`plan.lower` is the one way in. It turns a scenario into tables (`tables`, `rates`, `members`, `terms`,
`use`) and draws each path's own parameters (`multipliers`, `paths`); `Plan.member_year` then runs
`kernels.member_year` over a block of paths and gives back the sums of a fund year in minor units. Nothing
here knows contributions, reserves or meetings.
"""
