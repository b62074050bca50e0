print("a snippet")
