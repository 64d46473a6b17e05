"""Operations: what people and monitors ask of a running system."""
