"""premiums"""
