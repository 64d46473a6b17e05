"""`make compose-check`: compose.yaml brought up on a real Docker Engine, hurt in many ways, and seen to recover.

It works on a plain Debian machine as root, without any image registry: what the registry would give is made from
Debian's own packages. Nothing is left behind but the packages that it installed (docker.io, debootstrap).
"""
